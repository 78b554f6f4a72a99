import type { HistoryPageFrame, Position, RefusedFrame } from "@parlor/protocol";
import type { Failure, Outcome } from "./effects.ts";
import type { HistoryAsker, HistoryQuery } from "./history-requests.ts";
import type { OutboxItem } from "./outbox-item.ts";
import { Settling } from "./settle.ts";
import type { Turn } from "./turn.ts";

/** For each ack: slow enough that one ack between two refusals for now does not widen the window. */
const WINDOW_GROWTH = 0.5;

/** The outbox whose items are sent. */
export interface Sent {
  readonly room: string;
  readonly producer: string;
  /** In order. */
  readonly items: readonly OutboxItem[];
  /** It is over. */
  remove(item: OutboxItem, outcome: Outcome): void;
  /** It is over, without success. */
  refuse(item: OutboxItem, failure: Failure): void;
  /** What is known of its items has changed. */
  changed(): void;
}

/**
 * Sends what waits in the outbox of one room, and learns what became of it.
 *
 *     reliesOn = 4     items:  5    6    7  │  8    9
 *     acked            sent, in flight ─────┘  sendIndex: the next to go out
 *
 * Each publish names the one before it (`afterSeq`), so the server stores them in order or not at all.
 * When one is not taken, those behind it are not taken either: the sender *rewinds*. It waits until all
 * that is in flight is answered, so that no answer is mistaken for that of a later sending, then sends
 * again from the first that is left. A lost connection is the same without the waiting.
 *
 * Owns:     what is in flight, and when to send again.
 * Leaves:   the items and their order (outbox.ts); whether there is a connection and how much may be in flight
 *           on it (client-core.ts).
 * Must not: send a seq again after its permanent refusal, or jump over one that has none.
 *
 * Rules: docs/protocol.md [ONCE-…].
 */
export class Sender implements HistoryAsker {
  inFlight = 0;
  /** Its end is a `retry`. */
  readonly timer: string;
  readonly #outbox: Sent;
  readonly #turn: Turn;
  /** The newest own seq that the server's history is known to hold: what the first item relies on. */
  #reliesOn = 0;
  /** Items before it were sent on this connection. */
  #sendIndex = 0;
  /**
   * Publishes of this room that may be under way at a time. A refusal for now makes it 1 and acks
   * widen it, so that a rate is met with about as many refusals as acks, not with a whole window of them.
   */
  #window = Infinity;
  #isRewinding = false;
  /** The timer runs. */
  #isWaiting = false;
  /** No item goes out before this moment. */
  #retryAtMs = 0;
  /** Rewinds since the last ack. */
  #rewinds = 0;
  /** The server does not know this producer any more: settle once all is answered. */
  #mustSettle = false;
  #settling: Settling | null = null;
  /** Who the server last took this client to be. */
  #identity = "";

  constructor(outbox: Sent, turn: Turn) {
    this.timer = `outbox/${outbox.room}`;
    this.#outbox = outbox;
    this.#turn = turn;
    // Of a page that is gone the first that is left is known, and those before it were acked, or refused for good.
    const [first] = outbox.items;
    if (first?.earlier !== undefined) this.#reliesOn = first.seq - 1;
    if (outbox.items.some(({ isOld }) => isOld)) this.#startAnew();
  }

  /** The server welcomed this client. */
  link(identity: string): void {
    const isOther = this.#identity !== "" && this.#identity !== identity;
    this.#identity = identity;
    // Seqs are counted per identity: to the server these publishes come from somebody new, and what the
    // former one may have stored can only be found by reading.
    if (isOther) this.#startAnew();
  }

  unlink(): void {
    for (const item of this.#outbox.items) {
      item.isUncertain ||= item.isInFlight;
      item.isInFlight = false;
    }
    this.inFlight = this.#sendIndex = this.#retryAtMs = 0;
    this.#isRewinding = this.#isWaiting = this.#mustSettle = false;
    this.#turn.cancel(this.timer);
    if (this.#outbox.items.length > 0) this.#outbox.changed();
  }

  /** What has to be read before anything goes out; null where nothing has, or it is read already. */
  nextQuery(): HistoryQuery | null {
    const settling = this.#settling;
    return settling === null || settling.isAsked || this.#isWaiting
      ? null
      : settling.nextQuery(this.#outbox.room);
  }

  /** Sends what may go out now, at most `budget` publishes. `known` is where the room stands here. */
  pump(identity: string, known: Position | null, budget: number): void {
    if (this.#isRewinding || this.#isWaiting || this.#settling !== null) return;
    this.#identity = identity;
    const from = this.#sendIndex;
    const count = Math.min(budget, Math.floor(this.#window) - this.inFlight);
    for (const item of count > 0 ? this.#outbox.items.slice(from, from + count) : []) {
      const afterSeq = this.#outbox.items[this.#sendIndex - 1]?.seq ?? this.#reliesOn;
      if (item.isHeld === true) break;
      if (item.sentAs === "") item.sentBehind ??= known;
      item.sentAs = identity;
      item.isInFlight = true;
      this.inFlight += 1;
      this.#sendIndex += 1;
      this.#turn.send(encodePublish(this.#outbox.room, item, afterSeq));
    }
    if (this.#sendIndex > from) this.#outbox.changed();
  }

  ack(seq: number, offset: number | null, epoch: string): void {
    const item = this.#find(seq);
    if (item === undefined) return;
    this.#remove(item);
    this.#outbox.remove(item, { value: { epoch, offset, seq } });
    this.#reliesOn = Math.max(this.#reliesOn, seq);
    this.#rewinds = 0;
    this.#window += WINDOW_GROWTH;
    this.#answered();
  }

  /** A `refused`, or an `error` that answers a publish. */
  refused(refusal: Pick<RefusedFrame, "code" | "message" | "retryAfterMs" | "expected">, seq?: number): void {
    const { code, message, expected = Infinity } = refusal;
    const item = this.#find(seq);
    if (item === undefined || !item.isInFlight) return;
    item.isInFlight = false;
    this.inFlight -= 1;
    const isFinal = isFinalCode(code);
    this.#isRewinding ||= !isFinal;
    if (isFinal) {
      const fate = item.isUncertain ? " An earlier sending may have been stored." : "";
      // Those in flight behind it name its seq and will be refused for that; they go again without it.
      this.#refuse(item, { code, message: message + fate });
    } else if (code === "out-of-order") {
      // The server knows this producer and holds less than this seq, whatever earlier sendings did.
      item.isUncertain = false;
      // It may even hold less than it acked: a history that went back. Nobody can send those again.
      this.#reliesOn = Math.min(this.#reliesOn, Math.max(0, expected - 1));
    } else if (code === "unknown-producer") {
      // While no ack was dropped, every seq from 1 is here, and the rewind alone sends them again.
      this.#mustSettle ||= this.#reliesOn > 0;
    } else {
      item.refusal = { refused: code, message };
      this.#window = 1;
      const delayMs = this.#turn.delayMs(this.#rewinds + 1, refusal);
      this.#retryAtMs = Math.max(this.#retryAtMs, this.#turn.inputs.nowMs + delayMs);
    }
    this.#answered();
  }

  retry(): void {
    this.#isWaiting = false;
  }

  page(page: HistoryPageFrame): void {
    const isWhole = this.#settling?.read(page) ?? null;
    if (isWhole !== null) this.#finishSettling(isWhole);
  }

  fail(failure: Failure, isTemporary: boolean): void {
    if (this.#settling === null) return;
    this.#settling.isAsked = false;
    if (!isTemporary) return this.#finishSettling(false);
    this.#rewinds += 1;
    this.#wait(this.#turn.delayMs(this.#rewinds, failure));
  }

  /** The client is closed: nothing goes out any more. */
  end(): void {
    this.#settling = null;
  }

  /** Once every answer is there, goes back to the first item that is left. */
  #answered(): void {
    this.#outbox.changed();
    if (!this.#isRewinding || this.inFlight > 0) return;
    this.#isRewinding = false;
    this.#sendIndex = 0;
    this.#rewinds += 1;
    if (this.#mustSettle) this.#startAnew();
    // The first rewind needs no wait of its own: it usually follows a permanent refusal, over which the
    // next sending jumps. One that rewinds without any ack between must not do so hot.
    const ownMs = this.#rewinds > 1 ? this.#turn.delayMs(this.#rewinds - 1, null) : 0;
    this.#wait(this.#retryAtMs > 0 ? this.#retryAtMs - this.#turn.inputs.nowMs : ownMs);
    this.#retryAtMs = 0;
  }

  #wait(afterMs: number): void {
    if (!(afterMs > 0)) return;
    this.#isWaiting = true;
    this.#turn.timer(this.timer, afterMs);
  }

  /** The server knows nothing of what was acked: relies on nothing, once it is known what is stored. */
  #startAnew(): void {
    this.#mustSettle = false;
    this.#reliesOn = 0;
    const uncertain = this.#outbox.items.filter((item) => item.isUncertain);
    if (uncertain.length > 0) this.#settling ??= new Settling(this.#outbox.producer, uncertain);
  }

  #finishSettling(isWhole: boolean): void {
    const settling = this.#settling;
    this.#settling = null;
    for (const item of settling?.items ?? []) {
      const offset = settling?.found.get(item);
      if (offset !== undefined) this.ack(item.seq, offset, settling?.epoch ?? "");
      else if (isWhole) item.isUncertain = false;
      else {
        const message = "The server has forgotten this sender. The message may have been stored.";
        this.#refuse(item, { code: "unsettled", message });
      }
    }
    this.#reliesOn = 0;
    this.#outbox.changed();
  }

  #find(seq: number | undefined): OutboxItem | undefined {
    return this.#outbox.items.find((item) => item.seq === seq);
  }

  #remove(item: OutboxItem): void {
    if (this.#outbox.items.indexOf(item) < this.#sendIndex) this.#sendIndex -= 1;
    if (item.isInFlight) this.inFlight -= 1;
  }

  #refuse(item: OutboxItem, failure: Failure): void {
    this.#remove(item);
    this.#outbox.refuse(item, failure);
  }
}

/** The frame, around a body that is JSON text already. */
function encodePublish(room: string, { seq, re, body }: OutboxItem, afterSeq: number): string {
  const head = JSON.stringify({
    type: "publish",
    room,
    seq,
    afterSeq: afterSeq === seq - 1 ? undefined : afterSeq,
    re,
  });
  return `${head.slice(0, -1)},"body":${body.json}}`;
}

/** Whether a publish so refused is over. A server that does not know the frame refuses all publishes, not this one only. */
function isFinalCode(code: string): boolean {
  return code.startsWith("bad-") || ["too-large", "forbidden", "unknown-frame"].includes(code);
}
