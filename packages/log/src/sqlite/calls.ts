interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Calls under way to another thread, by number. */
export class Calls {
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  get count(): number {
    return this.#pending.size;
  }

  /** Numbers a call, hands the number to `send`, and waits for its answer. */
  start<Value>(send: (id: number) => void): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      this.#lastId += 1;
      const id = this.#lastId;
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      send(id);
    });
  }

  fulfil(id: number, value: unknown): void {
    this.#take(id)?.resolve(value);
  }

  fail(id: number, error: Error): void {
    this.#take(id)?.reject(error);
  }

  failAll(error: Error): void {
    for (const id of [...this.#pending.keys()]) this.fail(id, error);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }
}
