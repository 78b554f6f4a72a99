/** A typed list of listeners for each name. */
export class Emitter<Events extends { readonly [name: string]: readonly unknown[] }> {
  readonly #listeners = new Map<keyof Events, Set<(...args: never[]) => void>>();

  /** Calls `listener` at every event of that name; returns how to stop, which is harmless twice. */
  on<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    // A wrapper, so that one function given twice is called twice and stopped one by one.
    const own = (...args: never[]): void => listener(...(args as unknown as Events[Name]));
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as unknown as (...args: Events[Name]) => void)(...args);
      } catch (error) {
        // A fault of the application. It must neither stop other listeners nor be swallowed: thrown on
        // its own it becomes the platform's "uncaught error".
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
