/** Seconds that the charts show. */
export const CHART_SECONDS = 60;

/** Latencies that the median is taken of. */
const MAX_LATENCIES = 200;

/** Messages of this page that a pane may wait for; older ones are given up. */
const MAX_EXPECTED = 200;

/**
 * Counts for one pane. Holds no more than a minute of bytes and the last 200 latencies.
 *
 * Time comes in with each call, in ms of `performance.now()`.
 */
export class Tally {
  requests = 0;
  bytes = 0;
  /** @type {{ at: number, ms: number }[]} newest last */
  latencies = [];
  /** @type {Map<number, number>} bytes by whole second, oldest first */
  #bytesBySecond = new Map();
  /** @type {{ text: string, sentAt: number }[]} oldest first */
  #expected = [];

  request() {
    this.requests += 1;
  }

  /**
   * @param {number} bytes
   * @param {number} now
   */
  moved(bytes, now) {
    this.bytes += bytes;
    const second = Math.floor(now / 1000);
    this.#bytesBySecond.set(second, (this.#bytesBySecond.get(second) ?? 0) + bytes);
    for (const old of this.#bytesBySecond.keys()) {
      if (old > second - CHART_SECONDS) break;
      this.#bytesBySecond.delete(old);
    }
  }

  /**
   * This page has sent a text, in whichever pane.
   *
   * @param {string} text
   * @param {number} now
   */
  expect(text, now) {
    this.#expected.push({ text, sentAt: now });
    if (this.#expected.length > MAX_EXPECTED) this.#expected.shift();
  }

  /**
   * A text stands in the pane; if this page sent it, its latency counts.
   *
   * @param {string} text
   * @param {number} now
   */
  shown(text, now) {
    const index = this.#expected.findIndex((each) => each.text === text);
    const [found] = index === -1 ? [] : this.#expected.splice(index, 1);
    if (found === undefined) return;
    this.latencies.push({ at: now, ms: now - found.sentAt });
    if (this.latencies.length > MAX_LATENCIES) this.latencies.shift();
  }

  /** @returns {number | null} */
  get lastMs() {
    return this.latencies.at(-1)?.ms ?? null;
  }

  /** @returns {number | null} the lower of the two in the middle, where there are two */
  get medianMs() {
    const sorted = this.latencies.map((each) => each.ms).sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
  }

  /**
   * @param {number} now
   * @returns {number[]} bytes of each of the last 60 seconds, the running one last
   */
  bytesPerSecond(now) {
    const newest = Math.floor(now / 1000);
    return Array.from(
      { length: CHART_SECONDS },
      (_, index) => this.#bytesBySecond.get(newest - CHART_SECONDS + 1 + index) ?? 0,
    );
  }

  /** Counts from zero; what is on its way is still awaited. */
  reset() {
    this.requests = 0;
    this.bytes = 0;
    this.latencies = [];
    this.#bytesBySecond.clear();
  }
}
