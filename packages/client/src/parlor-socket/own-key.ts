import { isIdentityKey } from "@parlor/protocol";
import { freshKey, keptKey, type KeyStorage } from "../key-storage.ts";

/** The key of a socket. Where none can be kept it lives as long as the page: a socket has nobody to tell that to. */
export function ownKey(storage: KeyStorage | null, serverOrigin: string): string {
  const fresh = freshKey();
  try {
    const kept = storage && keptKey(storage, serverOrigin, fresh);
    return isIdentityKey(kept) ? kept : fresh;
  } catch {
    // Private windows, blocked cookies and full quotas throw here.
    return fresh;
  }
}
