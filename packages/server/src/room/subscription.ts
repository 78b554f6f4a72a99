import { stepCatchUp, type CatchUpEvent, type CatchUpState, type CatchUpView } from "./catch-up.ts";
import type { EncodedBatch } from "./encoded-batch.ts";
import type { CatchUpRead } from "./catch-up.ts";
import type { StartPosition } from "./start-position.ts";

/** Where a subscription delivers to: one connection, in the form of its transport. */
export interface SubscriptionSink {
  /** A chain begins. Comes before its batches, and again whenever the chain is restarted. */
  subscribed(room: string, start: StartPosition): void;
  /** Whether it takes a batch now. One that doesn't is fed again at `drained`, whichever room filled it. */
  readonly isWritable: boolean;
  /** Takes a batch, always; answers whether the connection takes more at once. */
  deliver(batch: EncodedBatch): boolean;
  /** The room ended this subscription: it was deleted. */
  ended(room: string, message: string): void;
}

/** What a subscription needs of its room. */
export interface SubscribedRoom extends CatchUpView {
  readonly name: string;
  /** Joins the live fan-out; the subscription's cursor equals what was fanned out. */
  goLive(subscription: Subscription): void;
  leave(subscription: Subscription): void;
  /** Never rejects; null where the log could not be read. */
  readBehind(after: number): Promise<CatchUpRead | null>;
  afterPause(task: () => void): void;
  /** Puts one subscription at the earliest that is kept of the present history. */
  restartOne(subscription: Subscription): void;
}

/**
 * One connection's interest in one room: drives the catch-up core against a real room and a real sink.
 * It holds a cursor and nothing else, so ten thousand of them cost what ten thousand numbers cost.
 */
export class Subscription {
  readonly room: SubscribedRoom;
  readonly #sink: SubscriptionSink;
  #state: CatchUpState;
  #isClosed = false;

  constructor(room: SubscribedRoom, sink: SubscriptionSink, start: StartPosition) {
    this.room = room;
    this.#sink = sink;
    this.#state = { phase: "advancing", epoch: start.epoch, cursor: start.after };
  }

  /** What it was sent up to now. */
  get position(): { readonly epoch: string; readonly cursor: number } {
    return this.#state;
  }

  get isLive(): boolean {
    return this.#state.phase === "live";
  }

  /** Tells where the chain begins and starts to deliver. */
  begin(start: StartPosition): void {
    this.#sink.subscribed(this.room.name, start);
    this.#run({ kind: "start" });
  }

  /** The room fans out a batch to this live subscription; false takes it out of the live ones. */
  deliverLive(batch: EncodedBatch): boolean {
    // Another room may have filled the connection: then this batch, too, is read from the log later.
    const isTaken = this.#sink.isWritable;
    if (isTaken && this.#sink.deliver(batch)) return true;
    this.fellBehind(isTaken ? batch.last : batch.after);
    return false;
  }

  /** Takes it out of the live phase with its cursor at `last`; `drained` lets it go on from there. */
  fellBehind(last: number): void {
    this.#state = stepCatchUp(this.#state, { kind: "overflowed", last }, this.room).state;
  }

  /** The connection takes more again. */
  drained(): void {
    if (!this.#isClosed) this.#run({ kind: "drained" });
  }

  /** The room's history is another one now: begin again from what is kept of the new one. */
  restart(start: StartPosition): void {
    if (this.#isClosed) return;
    this.#state = { phase: "advancing", epoch: start.epoch, cursor: start.after };
    this.begin(start);
  }

  end(message: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#sink.ended(this.room.name, message);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.room.leave(this);
  }

  #run(first: CatchUpEvent): void {
    let event = first;
    for (;;) {
      const { state, effect } = stepCatchUp(this.#state, event, this.room);
      this.#state = state;
      switch (effect.kind) {
        case "none":
        case "wait":
          return;
        case "go-live":
          this.room.goLive(this);
          return;
        case "deliver":
          event = this.#sink.isWritable
            ? { kind: "took", last: effect.batch.last, writable: this.#sink.deliver(effect.batch) }
            : { kind: "took", last: state.cursor, writable: false };
          break;
        case "read":
          this.#read(effect.after);
          return;
        case "retry-later":
          this.room.afterPause(() => {
            if (!this.#isClosed) this.#run({ kind: "retry" });
          });
          return;
        case "tell-lost":
          this.#sink.subscribed(this.room.name, {
            epoch: state.epoch,
            after: effect.to,
            head: this.room.fannedOut,
            earliest: effect.to + 1,
            lost: { from: effect.from, to: effect.to },
            skipped: null,
          });
          event = { kind: "start" };
          break;
        case "tell-epoch":
          this.room.restartOne(this);
          return;
      }
    }
  }

  #read(after: number): void {
    void this.room.readBehind(after).then((read) => {
      if (this.#isClosed) return;
      this.#run(
        read === null ? { kind: "read-failed" } : { kind: "page", page: read.page, batch: read.batch },
      );
    });
  }
}
