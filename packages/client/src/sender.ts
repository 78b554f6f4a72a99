import type { Position, RefusedFrame } from "@parlor/protocol";
import type { Failure, Outcome } from "./effects.ts";
import type { HistoryAsker, HistoryQuery } from "./history-requests.ts";
import type { OutboxItem } from "./outbox-item.ts";
import { settlingOf, type Settling } from "./settle.ts";
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
export interface Sender extends HistoryAsker {
  /** Publishes that are under way. */
  readonly inFlight: number;
  /** Its end is a `retry`. */
  readonly timer: string;
  /** The server welcomed this client. */
  link(identity: string): void;
  unlink(): void;
  /** What has to be read before anything goes out; null where nothing has, or it is read already. */
  nextQuery(): HistoryQuery | null;
  /** Sends what may go out now, at most `budget` publishes. `known` is where the room stands here. */
  pump(identity: string, known: Position | null, budget: number): void;
  ack(seq: number, offset: number | null, epoch: string): void;
  /** A `refused`, or an `error` that answers a publish. */
  refused(refusal: Pick<RefusedFrame, "code" | "message" | "retryAfterMs" | "expected">, seq?: number): void;
  retry(): void;
  /** The client is closed: nothing goes out any more. */
  end(): void;
}

export function senderOf(outbox: Sent, turn: Turn): Sender {
  const { room, producer, items } = outbox;
  const timer = `outbox/${room}`;
  let inFlight = 0;
  /** The newest own seq that the server's history is known to hold: what the first item relies on. */
  let reliesOn = 0;
  /** Items before it were sent on this connection. */
  let sendIndex = 0;
  /**
   * Publishes of this room that may be under way at a time. A refusal for now makes it 1 and acks
   * widen it, so that a rate is met with about as many refusals as acks, not with a whole window of them.
   */
  let maxInFlight = Infinity;
  let isRewinding = false;
  /** The timer runs. */
  let isWaiting = false;
  /** No item goes out before this moment. */
  let retryAtMs = 0;
  /** Rewinds since the last ack. */
  let rewinds = 0;
  /** The server does not know this producer any more: settle once all is answered. */
  let mustSettle = false;
  let settling: Settling | null = null;
  /** Who the server last took this client to be. */
  let own = "";

  const itemOf = (seq: number | undefined): OutboxItem | undefined => items.find((item) => item.seq === seq);

  const wait = (afterMs: number): void => {
    if (!(afterMs > 0)) return;
    isWaiting = true;
    turn.timer(timer, afterMs);
  };

  const leave = (item: OutboxItem): void => {
    if (items.indexOf(item) < sendIndex) sendIndex -= 1;
    if (item.isInFlight) inFlight -= 1;
  };

  const refuse = (item: OutboxItem, code: string, message: string): void => {
    leave(item);
    outbox.refuse(item, { code, message });
  };

  /** The server knows nothing of what was acked: relies on nothing, once it is known what is stored. */
  const startAnew = (): void => {
    mustSettle = false;
    reliesOn = 0;
    const uncertain = items.filter((item) => item.isUncertain);
    if (uncertain.length > 0) settling ??= settlingOf(room, producer, uncertain);
  };

  /** Once every answer is there, goes back to the first item that is left. */
  const answered = (): void => {
    outbox.changed();
    if (!isRewinding || inFlight > 0) return;
    isRewinding = false;
    sendIndex = 0;
    rewinds += 1;
    if (mustSettle) startAnew();
    // The first rewind needs no wait of its own: it usually follows a permanent refusal, over which the
    // next sending jumps. One that rewinds without any ack between must not do so hot.
    const ownMs = rewinds > 1 ? turn.delayMs(rewinds - 1, null) : 0;
    wait(retryAtMs > 0 ? retryAtMs - turn.inputs.nowMs : ownMs);
    retryAtMs = 0;
  };

  const ack = (seq: number, offset: number | null, epoch: string): void => {
    const item = itemOf(seq);
    if (item === undefined) return;
    leave(item);
    outbox.remove(item, { value: { epoch, offset, seq } });
    reliesOn = Math.max(reliesOn, seq);
    rewinds = 0;
    maxInFlight += WINDOW_GROWTH;
    answered();
  };

  const finishSettling = ({ sought, found, epoch }: Settling, isWhole: boolean): void => {
    settling = null;
    for (const item of sought) {
      const offset = found.get(item);
      if (offset !== undefined) ack(item.seq, offset, epoch);
      else if (isWhole) item.isUncertain = false;
      else
        refuse(item, "unsettled", "The server has forgotten this sender. The message may have been stored.");
    }
    reliesOn = 0;
    outbox.changed();
  };

  // Of a page that is gone the first that is left is known, and those before it were acked, or refused for good.
  const [first] = items;
  if (first?.earlier !== undefined) reliesOn = first.seq - 1;
  if (items.some(({ isOld }) => isOld)) startAnew();

  return {
    timer,
    get inFlight() {
      return inFlight;
    },
    link(identity) {
      const isOther = own !== "" && own !== identity;
      own = identity;
      // Seqs are counted per identity: to the server these publishes come from somebody new, and what the
      // former one may have stored can only be found by reading.
      if (isOther) startAnew();
    },
    unlink() {
      for (const item of items) {
        item.isUncertain ||= item.isInFlight;
        item.isInFlight = false;
      }
      inFlight = sendIndex = retryAtMs = 0;
      isRewinding = isWaiting = mustSettle = false;
      turn.cancel(timer);
      if (items.length > 0) outbox.changed();
    },
    nextQuery: () => (isWaiting ? null : (settling?.nextQuery() ?? null)),
    pump(identity, known, budget) {
      if (isRewinding || isWaiting || settling !== null) return;
      own = identity;
      const from = sendIndex;
      const count = Math.min(budget, Math.floor(maxInFlight) - inFlight);
      for (const item of count > 0 ? items.slice(from, from + count) : []) {
        const afterSeq = items[sendIndex - 1]?.seq ?? reliesOn;
        if (item.isHeld === true) break;
        if (item.sentAs === "") item.sentBehind ??= known;
        item.sentAs = identity;
        item.isInFlight = true;
        inFlight += 1;
        sendIndex += 1;
        turn.send(encodePublish(room, item, afterSeq));
      }
      if (sendIndex > from) outbox.changed();
    },
    ack,
    refused(refusal, seq) {
      const { code, message, expected = Infinity } = refusal;
      const item = itemOf(seq);
      if (item === undefined || !item.isInFlight) return;
      item.isInFlight = false;
      inFlight -= 1;
      const isFinal = isFinalCode(code);
      isRewinding ||= !isFinal;
      if (isFinal) {
        // Those in flight behind it name its seq and will be refused for that; they go again without it.
        refuse(item, code, message + (item.isUncertain ? " An earlier sending may have been stored." : ""));
      } else if (code === "out-of-order") {
        // The server knows this producer and holds less than this seq, whatever earlier sendings did.
        item.isUncertain = false;
        // It may even hold less than it acked: a history that went back. Nobody can send those again.
        reliesOn = Math.min(reliesOn, Math.max(0, expected - 1));
      } else if (code === "unknown-producer") {
        // While no ack was dropped, every seq from 1 is here, and the rewind alone sends them again.
        mustSettle ||= reliesOn > 0;
      } else {
        item.refusal = { refused: code, message };
        maxInFlight = 1;
        retryAtMs = Math.max(retryAtMs, turn.inputs.nowMs + turn.delayMs(rewinds + 1, refusal));
      }
      answered();
    },
    retry() {
      isWaiting = false;
    },
    page(page) {
      const isWhole = settling?.read(page) ?? null;
      if (settling !== null && isWhole !== null) finishSettling(settling, isWhole);
    },
    fail(failure, isTemporary) {
      if (settling === null) return;
      settling.isAsked = false;
      if (!isTemporary) return finishSettling(settling, false);
      rewinds += 1;
      wait(turn.delayMs(rewinds, failure));
    },
    end() {
      settling = null;
    },
  };
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
