import { LocalKeyStorage } from "@parlor/client";
import { isIdentityKey } from "@parlor/protocol";
import type { AppModel } from "./app-model.ts";
import { type BroughtKey, KEY_PREFIX, keyInFragment } from "./identity-key.ts";

/**
 * The key in an address: behind the `#`, which no browser sends to any server, so it stands in no log.
 *
 * @param base the address of the page, without a fragment
 */
export function keyAddress(base: string, { key, name }: BroughtKey): string {
  const named = name === null ? "" : `&name=${encodeURIComponent(name)}`;
  return `${base}${KEY_PREFIX}${encodeURIComponent(key)}${named}`;
}

/** Reads what somebody pasted: such an address, or the key alone. */
export function keyInText(text: string): BroughtKey | null {
  const trimmed = text.trim();
  const at = trimmed.indexOf(KEY_PREFIX);
  if (at !== -1) return keyInFragment(trimmed.slice(at)) ?? null;
  return isIdentityKey(trimmed) && !/[\s/]/u.test(trimmed) ? { key: trimmed, name: null } : null;
}

/** Keeps another key from now on; false where the browser won't. Clients that are there go on with their own. */
function keepKey(serverOrigin: string, key: string): boolean {
  try {
    const storage = new LocalKeyStorage();
    storage.write(serverOrigin, key);
    return storage.read(serverOrigin) === key;
  } catch {
    return false;
  }
}

/** The link that makes another device the same person; null where this browser keeps no key. */
export function ownKeyAddress(model: AppModel): string | null {
  const key = model.ownKey();
  return key === null ? null : keyAddress(model.serverAddress, { key, name: model.chosenName.value });
}

/** Becomes the owner of a key, in a page that begins anew; false where the browser keeps no key. */
export function becomeOwnerOf({ key, name }: BroughtKey, model: AppModel): boolean {
  if (!keepKey(new URL(model.serverAddress).origin, key)) return false;
  if (name !== null) model.chooseName(name);
  location.reload();
  return true;
}
