/** What upward.ts has. */
export type Upward = typeof import("./upward.ts");

/** Once for all clients of a page. */
let loaded: Upward | null = null;

/** It, where it is loaded already. */
export function upwardPart(): Upward | null {
  return loaded;
}

/** Rejects where it can't be loaded; the next call tries again. */
export async function loadUpward(): Promise<Upward> {
  return (loaded ??= await import("./upward.ts"));
}

/**
 * Loads now what publishing and reading history need. A client does so by itself: at the first publish or question,
 * and else behind the first messages that it hears. Call it where a page may be offline by then.
 *
 * Rejects where the part can't be loaded; the next call tries again.
 */
export async function preload(): Promise<void> {
  await loadUpward();
}
