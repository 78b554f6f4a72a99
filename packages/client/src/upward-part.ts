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
