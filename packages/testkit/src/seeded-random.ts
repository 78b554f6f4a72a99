import type { Random } from "@parlor/base";

/**
 * Random numbers in [0, 1) that one seed determines, so that a failure can be seen again.
 *
 * A small fast counter generator (32 bits of state for each number, 32 random bits out): good enough to
 * choose faults and moments, not for secrets. Any number or text is a seed; texts are hashed.
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

/** A whole number from `min` to `max`, both inclusive. */
export function randomInteger(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

/** One of the items, which must not be none. */
export function randomItem<T>(random: Random, items: readonly T[]): T {
  if (items.length === 0) throw new RangeError("nothing to choose from");
  return items[randomInteger(random, 0, items.length - 1)] as T;
}

/** A copy in random order. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = randomInteger(random, 0, i);
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}

/**
 * The seed of a test run: what the environment variable `TEST_SEED` says, else a new one. A test that
 * uses it prints it, so that whoever sees a failure can run the same again.
 */
export function testSeed(): string {
  const given = process.env["TEST_SEED"];
  return given === undefined || given === "" ? crypto.randomUUID().slice(0, 8) : given;
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value;
}
