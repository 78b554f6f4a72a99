import type { Random } from "@parlor/base";

export { seededRandom } from "@parlor/base";

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
