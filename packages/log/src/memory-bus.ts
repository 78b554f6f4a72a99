import { BusChannels } from "./bus-channels.ts";
import type { BusListening, SignalBus } from "./signal-bus.ts";

/** The bus of one process. Several `Parlor`s that are given the same one serve the same rooms. */
export class MemoryBus implements SignalBus {
  /** Nothing lies between the sender and its listeners. */
  readonly dropped = 0;
  readonly #channels = new BusChannels();
  #isClosed = false;

  send(channel: string, text: string): void {
    this.#channels.tell(channel, text);
  }

  listen(channel: string, listener: (text: string) => void): Promise<BusListening> {
    if (this.#isClosed) return Promise.resolve({ close: () => undefined });
    return Promise.resolve(this.#channels.add(channel, listener));
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#channels.clear();
    return Promise.resolve();
  }
}
