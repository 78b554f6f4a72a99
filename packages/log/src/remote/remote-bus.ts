import { BusChannels } from "../bus-channels.ts";
import type { BusListening, SignalBus } from "../signal-bus.ts";
import { type LinkFrame, linkFrame } from "./link-frame.ts";
import { ColumnReader, ColumnWriter } from "./text-columns.ts";

/**
 * Bytes that wait on a link, above which the bus drops what it would add. Far below what the link may hold:
 * log answers and appends never stand behind more than this of what may be lost.
 */
export const MAX_BUS_WAITING_BYTES = 262_144;

/** What the bus needs of the link to the owner. */
export interface BusLink {
  readonly isUp: boolean;
  /** Bytes that the owner has not taken. */
  readonly waitingBytes: number;
  send(frame: LinkFrame): void;
  /** Asks the owner to pass on what others say on a channel; fulfils when it does, or can't be reached. */
  listen(channel: string): Promise<void>;
}

/**
 * The bus between the workers of one owner: each tells the owner, and the owner those of the others who
 * listen. While the link is down, or does not take more, what is sent reaches the listeners of this process
 * alone; after it came back it goes on by itself.
 */
export class RemoteBus implements SignalBus {
  dropped = 0;
  readonly #link: BusLink;
  readonly #channels = new BusChannels();
  /** Channels that the owner was asked for, by when it answers. */
  readonly #asked = new Map<string, Promise<void>>();
  #isClosed = false;

  constructor(link: BusLink) {
    this.#link = link;
  }

  send(channel: string, text: string): void {
    if (this.#isClosed) return;
    this.#channels.tell(channel, text);
    if (!this.#link.isUp || this.#link.waitingBytes > MAX_BUS_WAITING_BYTES) {
      this.dropped += 1;
      return;
    }
    this.#link.send(busFrame(channel, text));
  }

  async listen(channel: string, listener: (text: string) => void): Promise<BusListening> {
    if (this.#isClosed) return { close: () => undefined };
    const listening = this.#channels.add(channel, listener, () => this.#unlisten(channel));
    await (this.#asked.get(channel) ?? this.#ask(channel));
    return listening;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#channels.clear();
    this.#asked.clear();
    return Promise.resolve();
  }

  /** The link is there again: the owner knows nothing of what it was asked before. */
  up(): void {
    this.#asked.clear();
    for (const channel of this.#channels.names) void this.#ask(channel);
  }

  /** So many texts of others were dropped on the way to this process. */
  missed(count: number): void {
    this.dropped += count;
  }

  /** Something that another process said. */
  take(frame: LinkFrame): void {
    const { channel, text } = readBusFrame(frame);
    this.#channels.tell(channel, text);
  }

  #ask(channel: string): Promise<void> {
    if (!this.#link.isUp) return Promise.resolve();
    const asked = this.#link.listen(channel);
    this.#asked.set(channel, asked);
    return asked;
  }

  #unlisten(channel: string): void {
    this.#asked.delete(channel);
    this.#link.send(linkFrame("bus-unlisten", 0, channel));
  }
}

export function busFrame(channel: string, text: string): LinkFrame {
  const columns = new ColumnWriter().string(channel).string(text);
  return linkFrame("bus", 0, columns.text, columns.numbers);
}

export function readBusFrame(frame: LinkFrame): { readonly channel: string; readonly text: string } {
  const columns = new ColumnReader(frame);
  return { channel: columns.string(), text: columns.string() };
}
