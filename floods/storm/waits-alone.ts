import { fullJitterMs, type Random } from "@parlor/base";

/** The client's waits, as the protocol has them. */
const WAITS = { baseMs: 500, maxMs: 20_000 };

/**
 * How a second of the storm compares with the mean of all, by the protocol's waits alone: every try of a client costs
 * nothing and fails at once while the server is down, and the first one behind that is answered at once. Whatever is
 * measured beyond it is the machine's or the product's.
 *
 * @returns The most attempts of a second, and how many times the mean of all seconds that is.
 */
export function waitsAlone(
  clients: number,
  downMs: number,
  random: Random,
): { readonly most: number; readonly ofMean: number } {
  const seconds: number[] = [];
  for (let client = 0; client < clients; client++) {
    let atMs = 0;
    let attempt = 0;
    do {
      atMs += fullJitterMs(attempt, WAITS, random);
      attempt += 1;
      const second = Math.floor(atMs / 1_000);
      while (seconds.length <= second) seconds.push(0);
      seconds[second] = (seconds[second] ?? 0) + 1;
    } while (atMs < downMs);
  }
  const all = seconds.reduce((sum, count) => sum + count, 0);
  const most = Math.max(...seconds);
  return { most, ofMean: (most * seconds.length) / all };
}
