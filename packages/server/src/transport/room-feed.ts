import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Position } from "@parlor/protocol";
import type { ConnectionTrace } from "../room/connection-trace.ts";
import type { Counters } from "../room/counters.ts";
import type { EncodedBatch } from "../room/encoded-batch.ts";
import type { StartPosition, StartRequest } from "../room/start-position.ts";
import type { SubscriptionSink } from "../room/subscription.ts";
import { type CloseReason, type Connection, type FrameText, textOf } from "../session/connection.ts";
import { Following } from "../session/following.ts";
import type { Living } from "../session/heartbeat.ts";
import type { Refusal } from "../session/hooks.ts";
import type { LifeObservation } from "../session/life.ts";
import type { Services } from "../session/services.ts";
import type { Who } from "../session/session-core.ts";
import { writeFeedHead, type FeedForm } from "./feed-form.ts";
import { answerError } from "./http-answer.ts";
import type { SendPressure } from "./send-pressure.ts";
import { SocketWriter } from "./socket-writer.ts";

/** What who asks for a feed is told while the server stops. */
export const DRAINING: Refusal = { code: "draining", message: "The server is stopping; come back." };

/**
 * The live feed of one room as one answer without an end. It only reads; every request is complete by
 * itself, and who lost it comes back with the last position they saw. What it looks like is its form's.
 *
 * Rules: docs/protocol.md, SSE-; docs/guarantees.md, LIVE-.
 */
export class RoomFeed implements Connection, SubscriptionSink, Living {
  readonly address: string;
  readonly headers: IncomingHttpHeaders;
  readonly identity: string;
  readonly hasSaidHello = true;
  readonly expiresAt: number | null;
  /** Given by whoever opens it. */
  trace: ConnectionTrace | null = null;
  readonly #response: ServerResponse;
  readonly #writer: SocketWriter;
  readonly #following: Following;
  readonly #form: FeedForm;
  readonly #counters: Counters;
  /** The last message that was written, or where the chain began. */
  #reached: Position = { epoch: "", offset: 0 };
  /** What the reader came with, until the chain has begun. */
  #asked: StartRequest | null = null;
  #isClosed = false;
  #closedFor: CloseReason | null = null;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    services: Services,
    pressure: SendPressure,
    room: string,
    who: Who,
    address: string,
    form: FeedForm,
  ) {
    this.address = address;
    this.headers = request.headers;
    this.identity = who.identity;
    this.expiresAt = who.expiresAt;
    this.#response = response;
    this.#form = form;
    this.#counters = services.counters;
    this.#writer = new SocketWriter(request.socket, pressure, services.counters, response);
    this.#following = new Following(services, this, { identity: who.identity, address }, room);
    response.on("drain", () => {
      this.#writer.drained();
      this.#following.drained();
    });
  }

  /** Begins; fulfils with why not where it may not, and then nothing has been written. */
  start(request: StartRequest): Promise<Refusal | null> {
    this.#asked = request;
    return this.#following.start(request);
  }

  get waitingBytes(): number {
    return this.#writer.waitingBytes;
  }

  get isWritable(): boolean {
    return this.#writer.isWritable;
  }

  send(text: FrameText): void {
    if (!this.#isClosed) this.#writer.write(Buffer.from(textOf(text), "utf8"));
  }

  /** It asks for none. */
  readonly takesSignals = false;
  readonly takesState = false;
  readonly pongs = "never";

  sendShared(): void {}

  deliver(batch: EncodedBatch): boolean {
    if (this.#isClosed) return true;
    this.#reached = { epoch: batch.epoch, offset: batch.last };
    const bytes = batch.bytesFor(this.#form.messages);
    return bytes === null ? this.isWritable : this.#writer.write(bytes);
  }

  subscribed(_room: string, start: StartPosition): void {
    if (!this.#response.headersSent) writeFeedHead(this.#response, this.#form);
    if (start.lost !== null) this.#counters.lost += 1;
    this.#reached = { epoch: start.epoch, offset: start.after };
    this.send(this.#form.begin(start, this.#asked));
    this.#asked = null;
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
    this.send(this.#form.stillHere);
  }

  giveUp(): void {
    if (!this.#response.destroyed) {
      this.#counters.slowCloses += 1;
      this.#counters.closes.slow += 1;
      this.#closedFor ??= "slow";
    }
    this.#response.destroy();
  }

  cut(): void {
    this.#response.destroy();
  }

  sayBye(retryAfterMs: number): void {
    if (!this.#response.headersSent) {
      this.#isClosed = true;
      answerError(this.#response, { ...DRAINING, retryAfterMs });
      return;
    }
    this.send(this.#form.bye(retryAfterMs, this.#reached));
    this.close("drain");
  }

  /** A feed has nothing to read. */
  pauseReading(): void {}
  resumeReading(): void {}

  close(reason: CloseReason): void {
    if (!this.#isClosed) this.#counters.closes[reason] += 1;
    this.#closedFor ??= reason;
    this.#isClosed = true;
    this.#response.end();
  }

  gone(): void {
    this.trace?.closed({ reason: this.#closedFor ?? "gone" });
    this.#isClosed = true;
    this.#following.close();
    this.#writer.closed();
  }

  #tellAndEnd(refusal: Refusal): void {
    this.#following.close();
    this.send(this.#form.refused(refusal, this.#reached));
    this.close("forbidden");
  }
}
