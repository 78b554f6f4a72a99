import { decodeClientFrame, encodeFrame, type ClientFrame, type DecodedClientFrame } from "@parlor/protocol";
import type { CloseReason } from "../session/connection.ts";
import type { LifeObservation } from "../session/life.ts";
import { UNKEPT_HEADERS } from "./feed-form.ts";
import { FrameExchange, type Misplaced } from "./frame-exchange.ts";

/** Answers come as frames, one a line, and nobody on the way may keep or change them. */
export const NDJSON_HEADERS = {
  "Content-Type": "application/x-ndjson",
  ...UNKEPT_HEADERS,
  "X-Content-Type-Options": "nosniff",
} as const;

/** Frames of one body: above what a mebibyte of small publishes holds, and far below one of empty objects. */
const MAX_FRAMES = 20_000;

/** Answers that gather for one write. */
const MAX_GATHERED = 256;

/** When somebody who was ended for going on after refusals may come back, ms. */
const FLOOD_RETRY_MS = 1_000;

const ONLY_UPWARD: Misplaced = {
  types: new Set(["subscribe", "unsubscribe", "renew"]),
  message: "Subscriptions go to /connect/stream or /connect/poll, and a fresh token into the next `hello`.",
};

interface NextFrame {
  readonly line: string;
  readonly decoded: DecodedClientFrame;
}

/**
 * `POST /connect/send`: the upward half of the fallback. Each frame of the body that has an answer gets
 * one, in the order of the frames.
 *
 * That order is kept by feeding, not by sorting: publishes follow each other into the log without waiting,
 * since they are answered in order; anything else waits until all before it is answered, and holds back what
 * comes behind it. So one page of history at a time is held for a peer, and none while it does not read.
 *
 * Rules: docs/protocol.md, SEND-.
 */
export class SendExchange extends FrameExchange {
  readonly kind = "send";
  readonly isOneRequest = true;
  protected readonly misplaced = ONLY_UPWARD;
  protected readonly maxFrames = MAX_FRAMES;
  #next: NextFrame | null = null;
  #unanswered = 0;
  /** The room of the newest publish that was fed; null where another frame was fed behind it. */
  #publishRoom: string | null = null;
  /** Whether a frame asked a handler of the host's. */
  #hasAsked = false;
  #pauses = 0;
  #isFeeding = false;
  #outgoing: string[] | null = null;

  /** There is no subscription to deliver to. */
  deliver(): boolean {
    return true;
  }

  /** Nor signals. */
  sendShared(): void {}

  /** Its answers have an end; only handlers of the host's may work for long for somebody who has gone. */
  override peerEnded(): void {
    if (this.#hasAsked) super.peerEnded();
  }

  observe(): LifeObservation {
    const seen = this.writer.observe();
    // While the log works nothing is sent, and the peer has nothing to say; a full buffer has to move.
    return seen.hasUnsent ? seen : { ...seen, received: true, sent: true };
  }

  ping(): void {}

  pauseReading(): void {
    this.#pauses += 1;
  }

  resumeReading(): void {
    this.#pauses -= 1;
    this.feed();
  }

  override drained(): void {
    super.drained();
    this.feed();
  }

  protected open(welcome: string): void {
    this.response.writeHead(200, NDJSON_HEADERS);
    this.#writeLine(welcome);
  }

  protected feed(): void {
    // An answer may come at once, and asks to go on while this is at it.
    if (this.#isFeeding) return;
    this.#isFeeding = true;
    let isAtEnd = false;
    while (this.isOpen && this.#pauses === 0 && this.isWritable && !isAtEnd) {
      const next = (this.#next ??= this.#readNext());
      if (next === null) isAtEnd = true;
      else if (this.#mayFollow(next.decoded)) this.#feed(next);
      else break;
    }
    this.#isFeeding = false;
    if (!isAtEnd || this.#unanswered > 0) return;
    this.#isFeeding = true;
    this.tellOverflow();
    this.complete();
  }

  protected write(text: string): void {
    this.#unanswered -= 1;
    this.#writeLine(text);
    this.feed();
  }

  unanswered(): void {
    this.#unanswered -= 1;
    this.feed();
  }

  protected finish(reason: CloseReason | null, message: string): void {
    if (reason === "rateLimited") {
      this.#writeLine(
        encodeFrame({ type: "bye", code: "rate-limited", message, retryAfterMs: FLOOD_RETRY_MS }),
      );
    }
    this.#flush();
    this.response.end();
  }

  #readNext(): NextFrame | null {
    const line = this.nextLine();
    return line === null ? null : { line, decoded: decodeClientFrame(line) };
  }

  #mayFollow(decoded: DecodedClientFrame): boolean {
    if (this.#unanswered === 0) return true;
    if (!isPublish(decoded) || this.#publishRoom === null) return false;
    // Where a hook is asked, publishes of other rooms may overtake one that waits for it.
    return this.services.authorize === null || decoded.frame.room === this.#publishRoom;
  }

  #feed({ line, decoded }: NextFrame): void {
    this.#next = null;
    if (!decoded.ok || decoded.frame.type !== "pong") this.#unanswered += 1;
    this.#publishRoom = isPublish(decoded) ? decoded.frame.room : null;
    if (decoded.ok && decoded.frame.type === "request") this.#hasAsked = true;
    this.take(line, decoded);
  }

  /** Answers of one turn of the event loop leave in one write, as on a WebSocket. */
  #writeLine(text: string): void {
    if (this.#outgoing !== null) {
      // Not without end, or a turn that answers much would fill memory before the mark is seen.
      if (this.#outgoing.push(text) >= MAX_GATHERED) this.#flush();
      return;
    }
    this.#outgoing = [text];
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const lines = this.#outgoing;
    if (lines === null) return;
    this.#outgoing = null;
    this.writer.write(Buffer.from(`${lines.join("\n")}\n`, "utf8"));
  }
}

function isPublish(
  decoded: DecodedClientFrame,
): decoded is DecodedClientFrame & { readonly ok: true; readonly frame: ClientFrame & { type: "publish" } } {
  return decoded.ok && decoded.frame.type === "publish";
}
