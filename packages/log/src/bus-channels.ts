import type { BusListening } from "./signal-bus.ts";

type Listener = (text: string) => void;

/** The listeners of one process, by channel. A channel is there as long as somebody listens to it. */
export class BusChannels {
  readonly #listeners = new Map<string, Set<{ readonly listener: Listener }>>();

  get names(): Iterable<string> {
    return this.#listeners.keys();
  }

  has(channel: string): boolean {
    return this.#listeners.has(channel);
  }

  /** @param onLast Called when the channel has no listener any more. */
  add(channel: string, listener: Listener, onLast: () => void = () => undefined): BusListening {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners);
    // An object of its own, since one function may listen twice.
    const entry = { listener };
    listeners.add(entry);
    return {
      close: () => {
        if (!listeners.delete(entry) || listeners.size > 0) return;
        if (this.#listeners.get(channel) !== listeners) return;
        this.#listeners.delete(channel);
        onLast();
      },
    };
  }

  tell(channel: string, text: string): void {
    const listeners = this.#listeners.get(channel);
    if (listeners === undefined) return;
    for (const { listener } of listeners) listener(text);
  }

  clear(): void {
    for (const listeners of this.#listeners.values()) listeners.clear();
    this.#listeners.clear();
  }
}
