import type { Random } from "./random.ts";

/**
 * Random numbers in [0, 1) that one seed determines, so that what came of them can be seen again.
 *
 * A small fast counter generator (32 bits of state for each number, 32 random bits out): good enough to
 * choose faults, moments and places, not for secrets. Any number or text is a seed; texts are hashed.
 */
export function seededRandom(seed: number | string): Random {
  let state = hash(String(seed));
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value;
}
