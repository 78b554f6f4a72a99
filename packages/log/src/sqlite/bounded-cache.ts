/** A map that holds at most `maxCount` entries and lets the longest held go first. */
export class BoundedCache<Value> {
  readonly #maxCount: number;
  readonly #values = new Map<string, Value>();

  constructor(maxCount: number) {
    this.#maxCount = maxCount;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    this.#values.set(key, value);
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  /** Lets go what is over the bound. Apart from `set`, so that nothing vanishes while it is in use. */
  shrink(): void {
    if (this.#values.size <= this.#maxCount) return;
    for (const key of this.#values.keys()) {
      if (this.#values.size <= this.#maxCount) break;
      this.#values.delete(key);
    }
  }

  clear(): void {
    this.#values.clear();
  }
}
