/**
 * The handler attributes of a target, `onopen` and its like: one listener for each, which stands where the first of
 * its handlers was set, until it is set to null.
 */
export interface EventHandlers {
  get(type: string): unknown;
  /** Anything but an object or a function stands for null; an object that can't be called is kept, and does nothing. */
  set(type: string, value: unknown): void;
}

interface Entry extends EventListenerObject {
  handler: unknown;
}

export function eventHandlers(target: EventTarget): EventHandlers {
  const entries = new Map<string, Entry>();
  return {
    get: (type) => entries.get(type)?.handler ?? null,
    set(type, value) {
      let entry = entries.get(type);
      if (value === null || !/^(?:function|object)$/.test(typeof value)) {
        entries.delete(type);
        return target.removeEventListener(type, entry ?? null);
      }
      if (entry === undefined) {
        entry = {
          handler: null,
          handleEvent(event) {
            if (typeof this.handler === "function") this.handler.call(target, event);
          },
        };
        entries.set(type, entry);
        target.addEventListener(type, entry);
      }
      entry.handler = value;
    },
  };
}
