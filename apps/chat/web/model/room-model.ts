import { CodedError, systemClock, type Clock } from "@parlor/base";
import type { ClientRoom, Position, RefusedPublish } from "@parlor/client";
import type { Message } from "@parlor/protocol";
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { Arrivals } from "./arrivals.ts";
import type { Attached } from "./attached.ts";
import { Composing } from "./composing.ts";
import { foldEchoes, NO_ECHOES, shownEchoes, waitingCount, type EchoEvent } from "./echoes.ts";
import type { EarlierEchoes, EarlierEvent } from "./earlier-echoes.ts";
import type { EntryBody } from "./entries.ts";
import { HistoryReader } from "./history-reader.ts";
import { foldMessage, type FoldedMessage } from "./fold.ts";
import type { ChatBody } from "./message-body.ts";
import type { RoomModeration } from "./moderation/room-moderation.ts";
import { Quotes } from "./quotes.ts";
import { MessageFinder } from "./message-finder.ts";
import { isOwnPublish, layOutRows, type MessageRow, type Row, type Self } from "./rows.ts";
import {
  EMPTY_TIMELINE,
  foldTimeline,
  isFilling,
  shownRun,
  type Timeline,
  type TimelineEvent,
} from "./timeline.ts";
import { UnreadMark } from "./unread-mark.ts";
import type { Typing } from "./typing.ts";

/** Messages read when a room is opened. */
const FIRST_MESSAGES = 50;

/** How long the room's newest messages have the network for themselves, ms. */
const LATER_MS = 1_000;

/** Missed messages that are read when a page wakes up; what is before them is read by scrolling up. */
const MAX_MISSED_MESSAGES = 100;

export interface RoomModelOptions {
  readonly room: ClientRoom;
  readonly name: string;
  readonly self: ReadonlySignal<Self>;
  /** Wall clock, ms since 1970: when something was written. */
  readonly now: () => number;
  /** Why the browser does not keep what waits; null where it does. @default it does */
  readonly unkept?: () => string | null;
  /** @default the system's */
  readonly clock?: Clock;
  /** How far the room was read in an earlier visit. @default not known */
  readonly read?: Position | null;
}

/** One room as the page holds it: joins what the client tells to what the person does. */
export class RoomModel {
  readonly name: string;
  readonly timeline = signal(EMPTY_TIMELINE);
  /** Why the room can't be read, in words; null where it can. */
  readonly closedBecause = signal<string | null>(null);
  readonly rows: ReadonlySignal<readonly Row[]>;
  /** Publishes that the server has not vouched for. */
  readonly waiting: ReadonlySignal<number>;
  /** Why what waits here does not outlive the page, in words; null where it does, or nothing waits. */
  readonly unkeptBecause = signal<string | null>(null);
  /** Messages of others that came while the reader was further up. */
  readonly newCount: ReadonlySignal<number>;
  /** The reader is so far up that the newest messages are not among those shown. */
  readonly isPast = computed(() => this.timeline.value.past !== null);
  readonly isPinned = computed(() => this.timeline.value.isPinned);
  readonly isFilling = computed(() => isFilling(this.timeline.value));
  /** There is what somebody came for: its newest messages, or why there are none. */
  readonly isStanding = computed(() => this.closedBecause.value !== null || !this.isFilling.value);
  readonly history: HistoryReader;
  readonly finder: MessageFinder;
  /** Up to where everything was read; null where that is not known. */
  readonly readTo: ReadonlySignal<number | null>;
  readonly composing = new Composing();
  /** Files for the message that is being written; null until the part of the page that takes them is there. */
  readonly attached = signal<Attached | null>(null);
  /** Who is writing; null until that part of the page is there. */
  readonly typing = signal<Typing | null>(null);
  /** Who may do what here; null until that part of the page is there. */
  readonly moderation = signal<RoomModeration | null>(null);

  readonly #room: ClientRoom;
  readonly #self: ReadonlySignal<Self>;
  readonly #now: () => number;
  readonly #unkept: () => string | null;
  readonly #clock: Clock;
  readonly #arrivals: Arrivals;
  readonly #unread: UnreadMark;
  readonly #echoes = signal(NO_ECHOES);
  readonly #earlier = signal<EarlierEchoes>({ open: [], cursor: 0 });
  /** Loaded a moment behind the room's first word. */
  #earlierPart: typeof import("./earlier-echoes.ts") | null = null;
  readonly #quotes: Quotes;
  // Each by itself, so that what arrives below a reader far up lays out nothing anew.
  readonly #shown = computed(() => shownRun(this.timeline.value));
  readonly #told = computed(() => this.timeline.value.told);
  readonly #stops: (() => void)[];
  readonly #listeners = new Set<(messages: readonly Message[]) => void>();
  #lastSeq = 0;
  #untakenCount = 0;

  constructor(options: RoomModelOptions) {
    const { room, self } = options;
    this.name = options.name;
    this.#room = room;
    this.#self = self;
    this.#now = options.now;
    this.#unkept = options.unkept ?? (() => null);
    this.#clock = options.clock ?? systemClock;
    this.#arrivals = new Arrivals(this.#clock, (messages, live) => this.#take(messages, live));
    this.history = new HistoryReader(room, this.timeline, (event) => this.#fold(event));
    this.finder = new MessageFinder(room, this.timeline, (event) => this.#fold(event));
    this.#unread = new UnreadMark(options.read ?? null);
    this.readTo = this.#unread.after;
    this.#quotes = new Quotes(room, (before, page) => this.#fold({ kind: "page", before, page }));
    this.rows = computed(() => this.#layOut());
    this.waiting = computed(() => waitingCount(this.#echoes.value) + waitingCount(this.#earlier.value));
    this.newCount = computed(() => this.#countNew());
    this.#stops = [
      room.on("subscribed", (frame) => {
        this.#arrivals.flush();
        const { epoch } = this.timeline.peek();
        this.#unread.begin(frame.epoch);
        this.#fold({ kind: "subscribed", frame });
        if (epoch !== null && epoch !== frame.epoch) {
          this.#foldEcho({ kind: "began-anew" });
          this.#foldEarlier({ kind: "began-anew" });
          this.#quotes.clear();
          this.composing.end();
        }
        this.#foldEcho({ kind: "delivered", seq: 0, cursor: frame.after });
        this.#foldEarlier({ kind: "delivered", cursor: frame.after });
        // While there is a server to load it from, but not before what the person came for.
        if (this.#earlierPart === null) this.#clock.after(LATER_MS, () => void this.#loadEarlier());
        this.closedBecause.value = null;
        this.finder.proceed();
      }),
      room.on("messages", (messages, { live }) => this.#arrive(messages, live)),
      room.on("unsubscribed", ({ code, message }) => {
        this.closedBecause.value = message ?? code ?? "The server ended this room's feed.";
      }),
      room.on("outbox", () => this.#takeOutbox()),
      room.on("published", (published) => this.#foldEarlier({ kind: "published", ...published })),
      room.on("refused", (refused) => this.#takeRefused(refused)),
    ];
    for (const refused of room.refused) this.#takeRefused(refused);
    this.#takeOutbox();
    this.open();
  }

  get identity(): string | null {
    return this.#self.value.identity;
  }

  /** Wants the room's messages; again, after the server ended its feed. */
  open(): void {
    this.closedBecause.value = null;
    this.#room.subscribe({ last: FIRST_MESSAGES, atMost: MAX_MISSED_MESSAGES });
  }

  /** Shows what was kept of the room when it was last open here; nothing where the server told of it before. */
  showKept(timeline: Timeline): void {
    if (this.timeline.peek().epoch === null) this.timeline.value = timeline;
  }

  /** Calls `stop` once nobody follows the room in this page any more. */
  whenClosed(stop: () => void): void {
    this.#stops.push(stop);
  }

  /** Whether leaving this room behind would lose something that the person wrote. */
  get holdsUnsent(): boolean {
    const { open, refused } = this.#echoes.value;
    const attached = this.attached.peek()?.state.peek() ?? "none";
    return open.length + refused.length + this.#earlier.value.open.length > 0 || attached !== "none";
  }

  /** What the person wrote here and the room has not shown, in order. */
  get unsentTexts(): readonly string[] {
    const { open, refused } = this.#echoes.value;
    const own = [...open, ...refused].filter(({ re }) => re === undefined);
    return own.map(({ body }) => (body as ChatBody).text);
  }

  /** Calls `listener` with every batch of others' messages that arrives live; returns how to stop. */
  onArrival(listener: (messages: readonly Message[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Writes something; from now on it is shown, and it is kept until the server has it. */
  send(body: ChatBody): void {
    this.#unread.clear();
    this.#publish(body);
    this.jumpToNewest();
  }

  /** Says something about a message: changes it, deletes it, reacts to it. Shown at once, like what is sent. */
  tell(re: number, body: EntryBody): void {
    this.#publish(body, re);
  }

  /** The message that a reply quotes, as it is now; in words where it can't be had. */
  quoted(offset: number): (FoldedMessage & { readonly from: string }) | "reading" | "gone" {
    const timeline = this.timeline.value;
    const shown = shownRun(timeline)?.messages.find((message) => message.offset === offset);
    const message = shown ?? this.#quotes.get(offset);
    if (typeof message === "string") return message;
    return { from: message.from, ...foldMessage(message, timeline.told) };
  }

  /** The newest message of one's own that can be changed, where the newest are shown. */
  newestOwn(): MessageRow | undefined {
    if (this.timeline.peek().past !== null) return undefined;
    return this.rows.peek().findLast((row) => row.kind === "message" && canEdit(row)) as
      | MessageRow
      | undefined;
  }

  retry(echoId: string): void {
    const echo = this.#echoes.value.refused.find(({ id }) => id === echoId);
    if (echo === undefined) return;
    this.discard(echoId);
    if (echo.re === undefined) this.send(echo.body as ChatBody);
    else this.tell(echo.re, echo.body as EntryBody);
  }

  discard(echoId: string): void {
    this.#foldEcho({ kind: "discarded", id: echoId });
    for (const { id } of this.#room.refused) if (refusedId(id) === echoId) this.#room.dismiss(id);
  }

  /** Brings a message into view, from however far up; where that can't be, `finder.missed` says why. */
  showMessage(offset: number): void {
    this.finder.show(offset);
  }

  /** The person left the room, or the page: what comes from now on is new to them when they are back. */
  lookAway(): void {
    const { live, isPinned } = this.timeline.peek();
    if (live !== null && isPinned) this.#unread.lookAway(live.to);
  }

  /** The person sees the newest end. Where nothing was new to them, what comes from now on is read as it comes. */
  look(): void {
    if (!this.isFilling.peek() && !this.#hasLine()) this.#unread.clear();
  }

  /** Tells whether the reader is at the newest message. */
  setPinned(isPinned: boolean): void {
    // Scrolled up to the line that is there, perhaps: it stays.
    if (!isPinned && !this.#hasLine()) this.lookAway();
    this.#fold({ kind: "pinned", isPinned });
  }

  jumpToNewest(): void {
    this.#fold({ kind: "jumped" });
  }

  /** Stops listening; what is in the outbox still goes out. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#arrivals.flush();
    this.#listeners.clear();
    this.#room.unsubscribe();
  }

  #publish(body: ChatBody | EntryBody, re?: number): void {
    const published = this.#room.publish(body, { re });
    // Told by the outbox too, but not before this turn ends, and the words must not vanish meanwhile.
    this.#takeOutbox();
    const last = this.#room.outbox.at(-1);
    const newest = last?.producer === undefined ? (last?.seq ?? 0) : 0;
    const isTaken = newest > this.#lastSeq;
    this.#lastSeq = Math.max(this.#lastSeq, newest);
    published.then(
      ({ seq, offset }) => this.#foldEcho({ kind: "acked", seq, offset }),
      // What the outbox took and the server refused is told by the room, which keeps it.
      (error: unknown) => isTaken || this.#takeUntaken(body, re, error),
    );
  }

  #arrive(messages: readonly Message[], live: boolean): void {
    const self = this.#self.peek();
    const hasOwn = messages.some((message) => isOwnPublish(message, self));
    this.#arrivals.add(messages, live, hasOwn);
  }

  #take(messages: readonly Message[], live: boolean): void {
    const self = this.#self.peek();
    let seq = 0;
    for (const message of messages) if (isOwnPublish(message, self)) seq = Math.max(seq, message.seq);
    this.#fold({ kind: "messages", messages });
    this.finder.proceed();
    const cursor = messages.at(-1)?.offset ?? 0;
    this.#foldEcho({ kind: "delivered", seq, cursor });
    this.#foldEarlier({ kind: "delivered", cursor });
    if (!live) return;
    const others = messages.filter(({ from, re }) => from !== self.identity && re === undefined);
    if (others.length > 0) for (const listener of this.#listeners) listener(others);
  }

  #takeOutbox(): void {
    const { outbox } = this.#room;
    const own = outbox.filter(({ producer }) => producer === undefined);
    this.#foldEcho({ kind: "outbox", outbox: own, nowMs: this.#now() });
    if (own.length < outbox.length && this.#earlierPart === null) void this.#loadEarlier();
    else this.#foldEarlier({ kind: "outbox", outbox });
    this.unkeptBecause.value = this.#unkept();
  }

  #takeRefused({ id, seq, body, re, producer, writtenAt, message, mayBeStored }: RefusedPublish): void {
    if (producer !== undefined) this.#foldEarlier({ kind: "refused", producer, seq });
    this.#foldEcho({
      kind: "refused",
      refused: {
        id: refusedId(id),
        seq: producer === undefined ? seq : null,
        body,
        re,
        writtenAt: writtenAt ?? this.#now(),
        sentence: message,
        mayBeSent: mayBeStored,
      },
    });
  }

  /** The outbox was full, or the body too long for it. */
  #takeUntaken(body: ChatBody | EntryBody, re: number | undefined, error: unknown): void {
    this.#untakenCount += 1;
    const id = `untaken-${this.#untakenCount}`;
    const sentence = error instanceof CodedError ? error.message : "It could not be sent.";
    this.#foldEcho({
      kind: "refused",
      refused: { id, seq: null, body, re, writtenAt: this.#now(), sentence },
    });
  }

  #fold(event: TimelineEvent): void {
    this.timeline.value = foldTimeline(this.timeline.peek(), event);
  }

  #foldEcho(event: EchoEvent): void {
    this.#echoes.value = foldEchoes(this.#echoes.peek(), event);
  }

  #foldEarlier(event: EarlierEvent): void {
    const part = this.#earlierPart;
    if (part !== null) this.#earlier.value = part.foldEarlier(this.#earlier.peek(), event);
  }

  async #loadEarlier(): Promise<void> {
    // Where it can't be loaded it goes out all the same, and shows once it is in the room.
    this.#earlierPart ??= await import("./earlier-echoes.ts").catch(() => null);
    this.#foldEarlier({ kind: "delivered", cursor: this.#echoes.peek().cursor });
    this.#foldEarlier({ kind: "outbox", outbox: this.#room.outbox });
  }

  /** The line of what is unread is among what is shown, or above that. */
  #hasLine(): boolean {
    const readTo = this.readTo.peek();
    if (readTo === null) return false;
    const isAbove = (this.#shown.peek()?.from ?? 0) > readTo + 1;
    return isAbove || this.rows.peek().some(({ kind }) => kind === "unread");
  }

  #layOut(): readonly Row[] {
    const run = this.#shown.value;
    // Far back in the past there is no place for what is not in the room yet: it is at the other end.
    const earlier = this.#earlier.value;
    const all = [...(this.#earlierPart?.shownEarlier(earlier) ?? []), ...shownEchoes(this.#echoes.value)];
    const echoes = !this.isPast.value ? all : all.filter(({ re }) => re !== undefined);
    const nothing = { from: 1, to: 0, messages: [], lost: [] };
    const { hasOlder, older } = this.history;
    // Whoever waits at the upper end for what stands above it sees there who speaks.
    const isPassed = hasOlder.value && older.value.kind === "idle";
    const shown = { ...(run ?? nothing), ...(!isPassed && { above: undefined }) };
    return layOutRows(shown, echoes, this.#self.value, this.#told.value, this.readTo.value);
  }

  #countNew(): number {
    const { live, seenTo, isPinned } = this.timeline.value;
    if (isPinned || live === null) return 0;
    const { identity } = this.#self.value;
    return live.messages.filter(({ offset, from }) => offset > seenTo && from !== identity).length;
  }
}

/** Whether it is one's own, in the room, and has a text. */
export function canEdit({ isOwn, offset, body }: MessageRow): boolean {
  return isOwn && offset !== null && body.kind === "text";
}

function refusedId(id: number): string {
  return `refused-${id}`;
}
