import { KEY_CHARACTERS } from "./bounds.ts";
import { randomId } from "@parlor/base";
import { isIdentityKey } from "@parlor/protocol";
import { wordsOf } from "./words-of.ts";

/**
 * The port that keeps the secret key from which the server derives this browser's identity.
 *
 * Keys are kept one for each server origin, so that one server can't speak as its user to another.
 * Both methods may throw; the client then goes on with a key that lives as long as it does, and says so.
 */
export interface KeyStorage {
  /** null where none is kept. */
  read(serverOrigin: string): string | null;
  write(serverOrigin: string, key: string): void;
}

/** Where the key came from, for a page that wants to tell its user. */
export type KeyOrigin =
  | { readonly kind: "given" }
  | { readonly kind: "stored" }
  /** The identity is new at the next start. */
  | { readonly kind: "memory"; readonly reason: string };

export interface LoadedKey {
  readonly key: string;
  readonly origin: KeyOrigin;
}

const ITEM = "parlor.key";

/**
 * Keeps keys in the page's `localStorage`: the page's own server's as `parlor.key`, another's as
 * `parlor.key@<origin>`; with another name for the item, whatever else is kept for each server.
 */
export class LocalKeyStorage implements KeyStorage {
  readonly #item: string;

  constructor(item = ITEM) {
    this.#item = item;
  }

  read(serverOrigin: string): string | null {
    return localStorage.getItem(this.#itemOf(serverOrigin));
  }

  write(serverOrigin: string, key: string): void {
    localStorage.setItem(this.#itemOf(serverOrigin), key);
  }

  #itemOf(serverOrigin: string): string {
    return serverOrigin === location.origin ? this.#item : `${this.#item}@${serverOrigin}`;
  }
}

/** The key for a server: the one that is kept, else a fresh one, kept where that is possible. */
export function loadKey(storage: KeyStorage | null, serverOrigin: string): LoadedKey {
  const fresh = freshKey();
  let reason = "There is no storage.";
  try {
    if (storage !== null) {
      const key = keptKey(storage, serverOrigin, fresh);
      if (isIdentityKey(key)) return { key, origin: { kind: "stored" } };
      reason = "The storage did not keep the key.";
    }
  } catch (error) {
    // Private windows, blocked cookies and full quotas throw here.
    reason = `The storage failed: ${wordsOf(error)}`;
  }
  return { key: fresh, origin: { kind: "memory", reason } };
}

export function freshKey(): string {
  return randomId(KEY_CHARACTERS);
}

/** What is kept once `fresh` is, where nothing was: that is not for sure a key. */
export function keptKey(storage: KeyStorage, serverOrigin: string, fresh: string): string | null {
  if (!isIdentityKey(storage.read(serverOrigin))) storage.write(serverOrigin, fresh);
  // Another tab may have written between; whoever was last is whom both are from now on.
  return storage.read(serverOrigin);
}

/** What this platform has: `localStorage` in a page, nothing elsewhere. */
export function platformKeyStorage(item?: string): KeyStorage | null {
  // Asked by `document`: Node has a `localStorage` too, which warns when it is only looked at.
  return typeof document === "undefined" ? null : new LocalKeyStorage(item);
}
