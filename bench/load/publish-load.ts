import { setTimeout as delay } from "node:timers/promises";
import { encodeFrame, SUBPROTOCOL } from "@parlor/protocol";
import { clientTextFrame } from "./client-frame.ts";
import { helloFrame } from "./dialects/parlor.ts";
import { openMany } from "./open-sockets.ts";
import { RawSocket } from "./raw-socket.ts";
import { CountingSink } from "./sinks.ts";

export interface PublishLoadOptions {
  readonly port: number;
  readonly publishers: number;
  /** All publishers together; each has its own share of them. */
  readonly rooms: number;
  /** Publishes of one publisher that wait for their ack at a time. */
  readonly inFlight: number;
  /** Of the body's text. */
  readonly bodyBytes: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
}

export interface PublishLoadResult {
  readonly acked: number;
  readonly elapsedMs: number;
  readonly refused: number;
}

/** Publishers that each keep so many publishes in flight and send the next when one is acked. */
export async function runPublishLoad(options: PublishLoadOptions): Promise<PublishLoadResult> {
  const publishers = await openMany(options.publishers, (index) => Publisher.open(index, options));
  for (const publisher of publishers) publisher.start();
  await delay(options.warmUpMs);
  const before = publishers.reduce((sum, { acked }) => sum + acked, 0);
  const startedMs = performance.now();
  await delay(options.durationMs);
  const acked = publishers.reduce((sum, publisher) => sum + publisher.acked, 0) - before;
  const elapsedMs = performance.now() - startedMs;
  const refused = publishers.reduce((sum, publisher) => sum + publisher.refused, 0);
  for (const publisher of publishers) publisher.close();
  return { acked, elapsedMs, refused };
}

class Publisher {
  readonly #options: PublishLoadOptions;
  readonly #rooms: readonly string[];
  readonly #body: string;
  readonly #sink = new AckSink();
  #socket: RawSocket | null = null;
  #sent = 0;
  #isStarted = false;
  #isFilling = false;

  private constructor(index: number, options: PublishLoadOptions) {
    this.#options = options;
    const each = Math.floor(options.rooms / options.publishers);
    this.#rooms = Array.from({ length: each }, (_, room) => `room ${index * each + room}`);
    this.#body = "x".repeat(options.bodyBytes);
  }

  static async open(index: number, options: PublishLoadOptions): Promise<Publisher> {
    const publisher = new Publisher(index, options);
    const sink = publisher.#sink;
    const welcomed = Promise.withResolvers<void>();
    sink.onFrame = () => {
      if (!publisher.#isStarted) welcomed.resolve();
      else publisher.#fillSoon();
    };
    const address = { port: options.port, path: "/connect", subprotocol: SUBPROTOCOL };
    publisher.#socket = await RawSocket.open(address, sink);
    publisher.#socket.send(helloFrame(index));
    await welcomed.promise;
    return publisher;
  }

  get acked(): number {
    return this.#sink.acks;
  }

  get refused(): number {
    return this.#sink.refusals;
  }

  start(): void {
    this.#isStarted = true;
    this.#fill();
  }

  close(): void {
    this.#socket?.close();
  }

  /** Acks come many in one read: the next publishes leave in one write. */
  #fillSoon(): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    queueMicrotask(() => {
      this.#isFilling = false;
      this.#fill();
    });
  }

  #fill(): void {
    const frames: Buffer[] = [];
    while (this.#sent - this.acked < this.#options.inFlight) {
      const room = this.#rooms[this.#sent % this.#rooms.length] as string;
      const seq = 1 + Math.floor(this.#sent / this.#rooms.length);
      this.#sent += 1;
      frames.push(clientTextFrame(encodeFrame({ type: "publish", room, seq, body: this.#body })));
    }
    if (frames.length > 0) this.#socket?.sendBytes(Buffer.concat(frames));
  }
}

/** Tells acks from refusals by the letter behind `{"type":"`. */
class AckSink extends CountingSink {
  acks = 0;
  refusals = 0;
  /** Of the present frame's payload. */
  #seenBytes = 0;

  override payload(bytes: Buffer, start: number, end: number): void {
    const at = start + LETTER_AT - this.#seenBytes;
    this.#seenBytes += end - start;
    if (at < start || at >= end) return;
    if (bytes[at] === LETTER_A) this.acks += 1;
    else if (bytes[at] === LETTER_R) this.refusals += 1;
  }

  override frameEnd(): void {
    this.#seenBytes = 0;
    super.frameEnd();
  }
}

const LETTER_AT = `{"type":"`.length;
const LETTER_A = 0x61;
const LETTER_R = 0x72;
