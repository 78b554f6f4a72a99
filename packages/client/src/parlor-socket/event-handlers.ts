type Handler = (this: unknown, event: Event) => unknown;

/**
 * The handler attributes of a target, `onopen` and its like: one listener for each, which stands where the first of
 * its handlers was set, until it is set to null.
 */
export class EventHandlers {
  readonly #target: EventTarget;
  readonly #set = new Map<string, { handler: object; readonly listener: (event: Event) => void }>();

  constructor(target: EventTarget) {
    this.#target = target;
  }

  get(type: string): object | null {
    return this.#set.get(type)?.handler ?? null;
  }

  /** Anything but an object or a function stands for null; an object that can't be called is kept, and does nothing. */
  set(type: string, value: unknown): void {
    const handler = typeof value === "function" || typeof value === "object" ? value : null;
    const there = this.#set.get(type);
    if (handler === null) {
      if (there === undefined) return;
      this.#target.removeEventListener(type, there.listener);
      this.#set.delete(type);
    } else if (there !== undefined) there.handler = handler;
    else {
      const listener = (event: Event): void => {
        const now = this.#set.get(type)?.handler;
        if (typeof now === "function") (now as Handler).call(this.#target, event);
      };
      this.#set.set(type, { handler, listener });
      this.#target.addEventListener(type, listener);
    }
  }
}
