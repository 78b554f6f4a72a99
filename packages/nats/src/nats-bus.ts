import { createHash } from "node:crypto";
import { randomId } from "@parlor/base";
import { BusChannels, type BusListening, type SignalBus } from "@parlor/log";
import type { NatsConnection, Subscription } from "@nats-io/transport-node";
import { BusTexts, PART_HEAD_BYTES, packPart, unpackPart } from "./bus-parts.ts";

/** Bytes that the cluster has not taken, above which the bus drops what it would add. */
export const MAX_BUS_WAITING_BYTES = 1_048_576;

/** Of one part at most; a server says how much it takes at once, and few say less. */
const MAX_PART_BYTES = 524_288;

/** Longer channels go by their hash: a server refuses subjects of some kilobytes. */
const MAX_PLAIN_CHANNEL_BYTES = 512;

export interface NatsBusOptions {
  /** Stays its opener's, who closes it after the bus. Of a `NatsLog` it is its `connection`. */
  readonly connection: NatsConnection;
  /** The log's name: what nodes of other logs say is not heard. @default "parlor" */
  readonly name?: string | undefined;
}

interface Heard {
  readonly subscription: Subscription;
  /** The server of this node passes on what is said there. */
  readonly confirmed: Promise<void>;
}

/**
 * What nodes tell each other and is not stored, over core subjects of NATS. While no server can be reached, or the
 * cluster does not take more, what is sent reaches the listeners of this node alone; after it came back it goes on by
 * itself. Where the nodes' servers are several, what others send is heard some milliseconds after `listen` fulfilled.
 */
export class NatsBus implements SignalBus {
  dropped = 0;
  readonly #connection: NatsConnection;
  readonly #prefix: string;
  readonly #sender = randomId(12);
  readonly #channels = new BusChannels();
  readonly #heard = new Map<string, Heard>();
  #texts = 0;
  #isUp = true;
  #isClosed = false;
  /** Sent and not known to be taken. */
  #waitingBytes = 0;
  #isAsking = false;

  constructor({ connection, name = "parlor" }: NatsBusOptions) {
    this.#connection = connection;
    this.#prefix = `${name}.bus.`;
    void this.#follow();
  }

  send(channel: string, text: string): void {
    if (this.#isClosed) return;
    this.#channels.tell(channel, text);
    if (!this.#isUp || this.#connection.isClosed() || this.#waitingBytes > MAX_BUS_WAITING_BYTES) {
      this.dropped += 1;
      return;
    }
    const subject = this.#subject(channel);
    const bytes = Buffer.from(text);
    const most = Math.min(MAX_PART_BYTES, (this.#connection.info?.max_payload ?? Infinity) - PART_HEAD_BYTES);
    const count = Math.max(1, Math.ceil(bytes.length / most));
    this.#texts += 1;
    for (let index = 0; index < count; index++) {
      const part = bytes.subarray(index * most, (index + 1) * most);
      const about = { sender: this.#sender, text: this.#texts, index, count };
      this.#connection.publish(subject, packPart({ ...about, bytes: part }));
    }
    this.#waitingBytes += bytes.length + count * PART_HEAD_BYTES;
    this.#ask();
  }

  async listen(channel: string, listener: (text: string) => void): Promise<BusListening> {
    if (this.#isClosed || this.#connection.isClosed()) return { close: () => undefined };
    const listening = this.#channels.add(channel, listener, () => this.#unlisten(channel));
    let heard = this.#heard.get(channel);
    if (heard === undefined) {
      heard = this.#subscribe(channel);
      this.#heard.set(channel, heard);
    }
    await heard.confirmed;
    return listening;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#channels.clear();
    for (const channel of [...this.#heard.keys()]) this.#unlisten(channel);
    return Promise.resolve();
  }

  #subscribe(channel: string): Heard {
    const texts = new BusTexts();
    const subscription = this.#connection.subscribe(this.#subject(channel), {
      callback: (error, { data }) => {
        const part = error === null ? unpackPart(data) : null;
        // What this node said has reached its own listeners before.
        if (part === null || part.sender === this.#sender) return;
        const text = texts.take(part);
        if (text !== null) this.#channels.tell(channel, text);
        else if (part.index === part.count - 1) this.dropped += 1;
      },
    });
    // A connection that breaks now subscribes again by itself once it is back.
    const confirmed = this.#isUp ? this.#connection.flush().catch(() => undefined) : Promise.resolve();
    return { subscription, confirmed };
  }

  #unlisten(channel: string): void {
    this.#heard.get(channel)?.subscription.unsubscribe();
    this.#heard.delete(channel);
  }

  /** Asks the server to answer behind what was sent: then it has taken it. One question at a time. */
  #ask(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const asked = this.#waitingBytes;
    this.#connection.flush().then(
      () => {
        this.#isAsking = false;
        this.#waitingBytes -= asked;
        if (this.#waitingBytes > 0) this.#ask();
      },
      // Cut: what was on its way is lost or taken, and none of it waits.
      () => {
        this.#isAsking = false;
        this.#waitingBytes = 0;
      },
    );
  }

  async #follow(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (this.#isClosed) return;
      if (type === "disconnect") this.#isUp = false;
      if (type === "reconnect") this.#isUp = true;
    }
  }

  #subject(channel: string): string {
    const isLong = Buffer.byteLength(channel) > MAX_PLAIN_CHANNEL_BYTES;
    const token = isLong
      ? `h${createHash("sha256").update(channel).digest("base64url")}`
      : `c${Buffer.from(channel).toString("base64url")}`;
    return this.#prefix + token;
  }
}
