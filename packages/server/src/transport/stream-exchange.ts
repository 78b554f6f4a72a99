import { encodeMessagesFrame } from "@parlor/protocol";
import type { BatchEncoder, EncodedBatch } from "../room/encoded-batch.ts";
import type { FramesEncoder, SharedFrames } from "../room/shared-frames.ts";
import type { Connection } from "../session/connection.ts";
import type { LifeObservation } from "../session/life.ts";
import type { Services } from "../session/services.ts";
import { STREAM_HEADERS } from "./event-form.ts";
import { FrameExchange, type ExchangeOf, type Misplaced } from "./frame-exchange.ts";

/** A batch as one event. A frame is one line of JSON, so nothing that is said can end its event. */
const FRAME_EVENTS: BatchEncoder = {
  encode: (batch) => frameEvent(encodeMessagesFrame(batch.room, batch.after, batch.texts)),
};

/** Frames as events. */
const EVENTS: FramesEncoder = { encodeFrames: (texts) => Buffer.concat(texts.map(frameEvent)) };

/**
 * A comment before the first frame. Some proxies and scanners hold back a response until its first kilobyte
 * or two are there; with this they have them, and `welcome` arrives when it is sent. It costs no segment more
 * than a connection needs anyway.
 */
const PADDING = Buffer.from(`:${" ".repeat(2_048)}\n\n`);

const STILL_HERE = Buffer.from(": still here\n\n");

/** Frames that a stream and a poll do not take: what they subscribe to is all that is asked there. */
export const ONLY_DOWNWARD: Misplaced = {
  types: new Set(["publish", "signal", "set", "history", "request", "renew"]),
  message: "Frames that ask for more than a subscription go to /connect/send.",
};

/** As many as all rooms need, and once more for those that are subscribed to again or left. */
export function maxDownwardFrames({ limits }: Services): number {
  return 2 * limits.maxRooms;
}

/**
 * `POST /connect/stream`: the downward half of the fallback. An event stream, one frame an event, until
 * either side ends it. Comments keep it alive; a slow reader is a cursor, as on a WebSocket.
 *
 * Rules: docs/protocol.md, STREAM-.
 */
export class StreamExchange extends FrameExchange {
  readonly kind = "stream";
  protected readonly misplaced = ONLY_DOWNWARD;
  protected readonly maxFrames = maxDownwardFrames(this.services);
  override readonly pongs: Connection["pongs"];
  #unsentStates = 0;

  /** @param asksForPongs Whether the client answers pings by `/connect/send`, as it said: `?pongs=1`. */
  constructor(of: ExchangeOf, asksForPongs: boolean) {
    super(of);
    this.pongs = asksForPongs ? "apart" : "never";
  }

  deliver(batch: EncodedBatch): boolean {
    return this.isOpen ? this.writer.write(batch.bytesFor(FRAME_EVENTS) as Buffer) : true;
  }

  sendShared(frames: SharedFrames): void {
    if (!this.isOpen) return;
    const bytes = frames.bytesFor(EVENTS);
    if (frames.kind !== "state") {
      this.writer.write(bytes);
      return;
    }
    this.#unsentStates += 1;
    this.writer.write(bytes, () => {
      this.#unsentStates -= 1;
      if (this.#unsentStates === 0 && this.isOpen) this.session.takesState();
    });
  }

  /** The system takes one state before the next is made; where the peer says nothing that is all that is known. */
  override get takesState(): boolean {
    return this.isWritable && this.#unsentStates === 0;
  }

  observe(): LifeObservation {
    const seen = this.writer.observe();
    // The peer of a stream never speaks; that it takes what it is sent is all the life it can show.
    return { ...seen, received: !seen.hasUnsent };
  }

  ping(): void {
    if (this.isOpen) this.writer.write(STILL_HERE);
  }

  /** The body has been read. */
  pauseReading(): void {}
  resumeReading(): void {}

  protected open(welcome: string): void {
    this.response.writeHead(200, STREAM_HEADERS);
    this.writer.write(PADDING);
    this.write(welcome);
  }

  protected feed(): void {
    for (let line = this.nextLine(); line !== null && this.isOpen; line = this.nextLine()) this.take(line);
    this.tellOverflow();
  }

  protected write(text: string): void {
    this.writer.write(frameEvent(text));
  }

  protected finish(): void {
    this.response.end();
  }
}

function frameEvent(text: string): Buffer {
  return Buffer.from(`data: ${text}\n\n`, "utf8");
}
