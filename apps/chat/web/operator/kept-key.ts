const NAME = "parlor.operator-key";

/** The key of this tab: gone when it is closed. Where the browser keeps nothing, it is asked for again. */
export function keptKey(): string | null {
  try {
    return sessionStorage.getItem(NAME);
  } catch {
    return null;
  }
}

export function keepKey(key: string | null): void {
  try {
    if (key === null) sessionStorage.removeItem(NAME);
    else sessionStorage.setItem(NAME, key);
  } catch {
    // Then it is asked for after the next reload.
  }
}
