/** Randomness as a port: a number in [0, 1), like `Math.random`. A seeded one replays a whole run. */
export type Random = () => number;

export const systemRandom: Random = () => Math.random();

/**
 * An unguessable id of `length` characters of `[A-Za-z0-9_-]`, 6 bits each.
 * Uses `crypto.getRandomValues`, which also exists on plain-http pages (`crypto.subtle` does not).
 */
export function randomId(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  const id = btoa(String.fromCharCode(...bytes)).replace(
    /[+/=]/g,
    (sign) => ({ "+": "-", "/": "_" })[sign] ?? "",
  );
  return id.slice(0, length);
}
