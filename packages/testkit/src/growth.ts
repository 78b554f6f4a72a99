/** Rounds before any counts: code that runs for the first time is slow for reasons of its own. */
const WARM_ROUNDS = 3;
/** Rounds after which a growth that is still too steep is one of the work, and not of a busy machine. */
const ROUNDS = 50;
/** Rounds in a row that must be below: in one, the half may have run before the code was compiled, and the whole after. */
const CALM_ROUNDS = 3;

/**
 * How many times longer work takes on an input twice as large: about 2 where it is linear, 4 where it is
 * quadratic. Noise only ever adds time, so each size counts with the shortest of its rounds; they go on until
 * the growth stays below `enough`, at most 50 times.
 *
 * @param work does the work on an input of that size; on `size` it should take a tenth of a millisecond or more.
 */
export function growthWhenDoubled(work: (size: number) => void, size: number, enough = 3): number {
  for (let round = 0; round < WARM_ROUNDS; round++) work(size);
  let [once, twice] = [Infinity, Infinity];
  let calm = 0;
  for (let round = 0; round < ROUNDS; round++) {
    once = Math.min(
      once,
      taken(() => work(size)),
    );
    twice = Math.min(
      twice,
      taken(() => work(2 * size)),
    );
    calm = twice / once < enough ? calm + 1 : 0;
    if (calm === CALM_ROUNDS) break;
  }
  return twice / once;
}

function taken(work: () => void): number {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}
