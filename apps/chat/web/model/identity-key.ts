import { LocalKeyStorage } from "@parlor/client";
import { isIdentityKey } from "@parlor/protocol";
import { displayName } from "./display-name.ts";

/** What makes somebody the same person on another device. */
export interface BroughtKey {
  readonly key: string;
  /** The name that was brought along. */
  readonly name: string | null;
}

const PREFIX = "#me=";

/**
 * The key in an address: behind the `#`, which no browser sends to any server, so it stands in no log.
 *
 * @param base the address of the page, without a fragment
 */
export function keyAddress(base: string, { key, name }: BroughtKey): string {
  const named = name === null ? "" : `&name=${encodeURIComponent(name)}`;
  return `${base}${PREFIX}${encodeURIComponent(key)}${named}`;
}

/** The key that a fragment brings, if any. */
export function keyInFragment(fragment: string): BroughtKey | null {
  if (!fragment.startsWith(PREFIX)) return null;
  const [encoded = "", ...others] = fragment.slice(PREFIX.length).split("&");
  const named = others.find((part) => part.startsWith("name="));
  const key = decoded(encoded);
  if (!isIdentityKey(key)) return null;
  return { key, name: displayName(decoded(named?.slice("name=".length) ?? "")) };
}

/** Reads what somebody pasted: such an address, or the key alone. */
export function keyInText(text: string): BroughtKey | null {
  const trimmed = text.trim();
  const at = trimmed.indexOf(PREFIX);
  if (at !== -1) return keyInFragment(trimmed.slice(at));
  return isIdentityKey(trimmed) && !/[\s/]/u.test(trimmed) ? { key: trimmed, name: null } : null;
}

/** The public identity of a key; null where the browser can't tell, as on plain http from another machine. */
export async function identityOfKey(key: string): Promise<string | null> {
  const { subtle } = globalThis.crypto;
  // The types promise it always; browsers keep it for secure pages.
  if ((subtle as SubtleCrypto | undefined) === undefined) return null;
  const hash = new Uint8Array(await subtle.digest("SHA-256", new TextEncoder().encode(key)));
  const base64 = btoa(String.fromCharCode(...hash));
  return base64.replaceAll("+", "-").replaceAll("/", "_").slice(0, 22);
}

/** The key that this browser keeps for the server; null where it keeps none, and so a new one each time. */
export function keptKey(serverOrigin: string): string | null {
  try {
    return new LocalKeyStorage().read(serverOrigin);
  } catch {
    // Intentionally not told: that the browser keeps nothing is what null says.
    return null;
  }
}

/** Keeps another key from now on; false where the browser won't. Clients that are there go on with their own. */
export function keepKey(serverOrigin: string, key: string): boolean {
  try {
    const storage = new LocalKeyStorage();
    storage.write(serverOrigin, key);
    return storage.read(serverOrigin) === key;
  } catch {
    return false;
  }
}

/** Calls `changed` when another page of this browser keeps another key. */
export function onOtherKey(serverOrigin: string, changed: () => void): void {
  let known = keptKey(serverOrigin);
  addEventListener("storage", () => {
    const key = keptKey(serverOrigin);
    // One that was thrown away with all that the browser kept makes nobody else of this page.
    if (key === null || key === known) return;
    const isFirst = known === null;
    known = key;
    if (!isFirst) changed();
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
