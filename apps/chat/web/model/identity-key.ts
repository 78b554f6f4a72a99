import { LocalKeyStorage } from "@parlor/client";
import { isIdentityKey } from "@parlor/protocol";
import { displayName } from "./display-name.ts";

/** What makes somebody the same person on another device. */
export interface BroughtKey {
  readonly key: string;
  /** The name that was brought along. */
  readonly name: string | null;
}

/** What stands before a key in an address. */
export const KEY_PREFIX = "#me=";

/** The key that a fragment brings; null where it was cut or changed on its way, undefined where none was meant. */
export function keyInFragment(fragment: string): BroughtKey | null | undefined {
  if (!fragment.startsWith(KEY_PREFIX)) return undefined;
  const [encoded = "", ...others] = fragment.slice(KEY_PREFIX.length).split("&");
  const named = others.find((part) => part.startsWith("name="));
  const key = decoded(encoded);
  if (!isIdentityKey(key)) return null;
  return { key, name: displayName(decoded(named?.slice("name=".length) ?? "")) };
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
