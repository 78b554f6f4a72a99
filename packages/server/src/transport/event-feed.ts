import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { formatPosition, parseOffset, parsePosition } from "@parlor/protocol";
import type { BatchEncoder, EncodedBatch } from "../room/encoded-batch.ts";
import type { StartPosition, StartRequest } from "../room/start-position.ts";
import type { SubscriptionSink } from "../room/subscription.ts";
import type { CloseReason, Connection } from "../session/connection.ts";
import { Following } from "../session/following.ts";
import type { Living } from "../session/heartbeat.ts";
import type { Refusal } from "../session/hooks.ts";
import type { LifeObservation } from "../session/life.ts";
import type { Services } from "../session/services.ts";
import type { Who } from "../session/session-core.ts";
import type { SendPressure } from "./send-pressure.ts";
import { SocketWriter } from "./socket-writer.ts";

/** A batch as events: one message each, whose id is what `Last-Event-ID` brings back. */
const MESSAGE_EVENTS: BatchEncoder = {
  encode(batch: EncodedBatch): Buffer {
    let events = "";
    batch.texts.forEach((text, index) => {
      const offset = batch.messages[index]?.offset ?? batch.last;
      // A message's text is JSON on one line, and an epoch has no line break: nothing can break out.
      events += `id: ${formatPosition({ epoch: batch.epoch, offset })}\ndata: ${text}\n\n`;
    });
    return Buffer.from(events, "utf8");
  },
};

/** Streams say that nobody on the way may keep or change them. */
export const STREAM_HEADERS = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
} as const;

const DEFAULT_LAST = 50;

/** Where a feed begins: `Last-Event-ID`, else `after`, else the newest 50. A string says what is wrong. */
export function feedStart(headers: IncomingHttpHeaders, query: URLSearchParams): StartRequest | string {
  if (query.has("before")) return "`before` goes back, and a live feed goes forward; ask for JSON with it.";
  const lastEventId = headers["last-event-id"];
  if (typeof lastEventId === "string" && lastEventId !== "") {
    const position = parsePosition(lastEventId);
    if (position === null) return "`Last-Event-ID` is an epoch and an offset, as `epoch:offset`.";
    return { kind: "resume", epoch: position.epoch, after: position.offset, atMost: undefined };
  }
  const after = query.get("after");
  if (after === null) return { kind: "join", last: DEFAULT_LAST };
  const position = parsePosition(after);
  if (position !== null) {
    return { kind: "resume", epoch: position.epoch, after: position.offset, atMost: undefined };
  }
  const offset = parseOffset(after);
  if (offset === null) return "`after` is an offset, a whole number from 0.";
  return { kind: "resume", epoch: undefined, after: offset, atMost: undefined };
}

/**
 * The live feed of one room as an event stream, for `curl -N` and `EventSource`. It only reads; every
 * request is complete by itself, and a browser that lost it comes back with the last id it saw.
 *
 * Rules: docs/protocol.md, SSE-.
 */
export class EventFeed implements Connection, SubscriptionSink, Living {
  readonly address: string;
  readonly headers: IncomingHttpHeaders;
  readonly identity: string;
  readonly hasSaidHello = true;
  readonly expiresAt: number | null;
  readonly #response: ServerResponse;
  readonly #writer: SocketWriter;
  readonly #following: Following;
  #isClosed = false;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    services: Services,
    pressure: SendPressure,
    room: string,
    who: Who,
    address: string,
  ) {
    this.address = address;
    this.headers = request.headers;
    this.identity = who.identity;
    this.expiresAt = who.expiresAt;
    this.#response = response;
    this.#writer = new SocketWriter(request.socket, pressure, services.counters, response);
    this.#following = new Following(services, this, who.identity, room);
    response.on("drain", () => {
      this.#writer.drained();
      this.#following.drained();
    });
  }

  /** Begins; fulfils with why not where it may not, and then nothing has been written. */
  start(request: StartRequest): Promise<Refusal | null> {
    return this.#following.start(request);
  }

  get isWritable(): boolean {
    return this.#writer.isWritable;
  }

  send(text: string): void {
    if (!this.#isClosed) this.#writer.write(Buffer.from(text, "utf8"));
  }

  deliver(batch: EncodedBatch): boolean {
    if (this.#isClosed) return true;
    return this.#writer.write(batch.bytesFor(MESSAGE_EVENTS) as Buffer);
  }

  subscribed(_room: string, start: StartPosition): void {
    if (!this.#response.headersSent)
      this.#response.setHeader("vary", "Accept, Origin").writeHead(200, STREAM_HEADERS);
    // An event with only an id: whoever is cut before the first message resumes here too.
    const id = `id: ${formatPosition({ epoch: start.epoch, offset: start.after })}\n`;
    const lost = start.lost === null ? "" : `event: lost\ndata: ${JSON.stringify(start.lost)}\n`;
    this.send(`${id}${lost}\n`);
  }

  ended(_room: string, message: string): void {
    this.#tellAndEnd({ code: "forbidden", message });
  }

  async recheck(room?: string): Promise<void> {
    const refusal = await this.#following.recheck(room);
    if (refusal !== null) this.#tellAndEnd(refusal);
  }

  expire(): void {
    this.#tellAndEnd({ code: "expired", message: "The token's time is over." });
  }

  observe(): LifeObservation {
    const seen = this.#writer.observe();
    // The peer of a stream never speaks; that it takes what it is sent is all the life it can show.
    return { ...seen, received: !seen.hasUnsent };
  }

  ping(): void {
    this.send(": still here\n\n");
  }

  giveUp(): void {
    this.#response.destroy();
  }

  /** The server is stopping: `retry` tells an EventSource when to come back. */
  sayBye(retryAfterMs: number): void {
    this.send(`retry: ${Math.ceil(retryAfterMs)}\n\n`);
    this.close("drain");
  }

  /** A feed has nothing to read. */
  pauseReading(): void {}
  resumeReading(): void {}

  close(_reason: CloseReason): void {
    this.#isClosed = true;
    this.#response.end();
  }

  gone(): void {
    this.#isClosed = true;
    this.#following.close();
    this.#writer.closed();
  }

  #tellAndEnd(refusal: Refusal): void {
    this.#following.close();
    this.send(
      `event: refused\ndata: ${JSON.stringify({ code: refusal.code, message: refusal.message })}\n\n`,
    );
    this.close("forbidden");
  }
}
