/**
 * The port that says which page may send what a producer left on disk: the page whose producer it is while it
 * lives, and after it exactly one of those that wait.
 *
 * That it is one keeps the order and saves work. That nothing is stored twice does not hang on it: whoever sends a
 * kept publish sends it as the same producer with the same seq, and new seqs are given by its own page alone.
 */
export interface Claims {
  /** Holds one's own producer, until what it returns is called. Fulfils once others can know. */
  hold(producer: string): Promise<() => void>;
  /**
   * Calls `onClaim` once nobody else holds the producer, unless it is stopped before; it is held then until `release`
   * is called.
   */
  await(producer: string, onClaim: (release: () => void) => void): () => void;
  /** Nothing is asked or answered any more. */
  close(): void;
}

/** What of the page's `navigator.locks` is used here. */
export type Locks = Pick<LockManager, "request">;

/** Claims by Web Locks: the browser lets go of a page's locks when the page is gone, however it went. */
export class LockClaims implements Claims {
  readonly #locks: Locks;

  constructor(locks: Locks) {
    this.#locks = locks;
  }

  async hold(producer: string): Promise<() => void> {
    return await new Promise((resolve, reject) => {
      const held = (): Promise<void> => new Promise((release) => resolve(release));
      this.#locks.request(lockName(producer), held).catch(reject);
    });
  }

  await(producer: string, onClaim: (release: () => void) => void): () => void {
    const stop = new AbortController();
    const held = (): Promise<void> => new Promise((release) => onClaim(release));
    this.#locks.request(lockName(producer), { signal: stop.signal }, held).catch(() => undefined);
    return () => stop.abort();
  }

  close(): void {}
}

function lockName(producer: string): string {
  return `parlor.outbox:${producer}`;
}
