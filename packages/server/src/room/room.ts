import { CodedError, type TimerHandle } from "@parlor/base";
import type { Page, RoomHead, StoredMessage, Tail } from "@parlor/log";
import type { CatchUpRead } from "./catch-up.ts";
import { cutIntoBatches, type EncodedBatch } from "./encoded-batch.ts";
import { stepFeed, type FeedEvent, type FeedState } from "./feed.ts";
import { Gathering } from "./gathering.ts";
import { headOf, NewestReads } from "./newest-reads.ts";
import { OffsetWaits } from "./offset-waits.ts";
import { RecentBatches } from "./recent-batches.ts";
import type { RoomDeps } from "./room-deps.ts";
import { READ_BOUNDS, SharedReads } from "./shared-reads.ts";
import {
  isBeyondHead,
  knownHead,
  newestAskedFor,
  planStart,
  type StartPosition,
  type StartRequest,
} from "./start-position.ts";
import { Subscription, type SubscribedRoom, type SubscriptionSink } from "./subscription.ts";

interface FoundStart {
  readonly start: StartPosition;
  /** What is behind `start`, where it came with the same question. */
  readonly page: Page | null;
  /** How many histories had ended by then. */
  readonly histories: number;
}

/** How long a subscriber whose cursor is beyond the head waits for a node that lags. */
const LAG_WAIT_MS = 5_000;

/** Pause before a read of the log that failed, or showed nothing, is tried again. */
const RETRY_PAUSE_MS = 250;

/** What one room keeps of the batches that just went out. */
const RECENT_BYTES = 1_048_576;

/** Pending text above which a room sends at once, however busy it is: about one full frame. */
const FULL_FRAME_BYTES = 60_000;

/** About what a message's frame holds besides its body. */
const ENVELOPE_BYTES = 128;

/**
 * A room while somebody subscribes to it: follows the log's tail and fans out to its subscriptions.
 *
 * It is fed by the tail only, never by whoever publishes, so it is the same beside an embedded log and
 * on a node among many. It holds no message that the log does not have.
 */
export class Room implements SubscribedRoom {
  readonly name: string;
  readonly #deps: RoomDeps;
  readonly #subscriptions = new Set<Subscription>();
  readonly #live = new Set<Subscription>();
  // What most of forty thousand rooms never need is made when it is first used: it is what one of them weighs.
  /** Those of which it is being asked where they go on in another history. */
  #restarting: Set<Subscription> | null = null;
  #recent: RecentBatches | null = null;
  #gathering: Gathering | null = null;
  #waits: OffsetWaits | null = null;
  readonly #reads: SharedReads;
  readonly #newest: NewestReads;
  #feed: FeedState;
  #tail: Tail | null = null;
  #pending: StoredMessage[] = [];
  #pendingBytes = 0;
  #fannedOut: number;
  #flushTimer: TimerHandle | null = null;
  #isClosed = false;
  /** Histories that ended while this room was open. */
  #histories = 0;

  private constructor(name: string, deps: RoomDeps) {
    this.name = name;
    this.#deps = deps;
    this.#reads = new SharedReads(name, deps);
    this.#newest = new NewestReads(deps.log, name, deps.counters, deps.readTurns, deps.newestPages);
    this.#feed = { epoch: "", reached: 0, earliest: 1, filling: null };
    this.#fannedOut = 0;
  }

  /**
   * Follows the room's tail, then learns where it stands; rejects as the log does.
   *
   * @param newest How many messages whoever opens it wants to join with: they are read in the same question.
   * @param group Who opens it: an address, which waits behind itself.
   */
  static async open(name: string, deps: RoomDeps, newest = 0, group?: string): Promise<Room> {
    const room = new Room(name, deps);
    const early: FeedEvent[] = [];
    let isOpen = false;
    room.#tail = await deps.log.tail(name, (event) => {
      if (event.kind === "missed") deps.counters.tailsMissed += 1;
      if (isOpen) room.#step({ kind: "tail", event });
      else early.push({ kind: "tail", event });
    });
    try {
      const page = await room.#newest.ask(newest, group);
      const head = page === null ? await room.#askHead() : headOf(page);
      room.#feed = { epoch: head.epoch, reached: head.head, earliest: head.earliest, filling: null };
      room.#fannedOut = head.head;
    } catch (error) {
      room.close();
      throw error;
    }
    isOpen = true;
    for (const event of early) room.#step(event);
    return room;
  }

  get subscriptionCount(): number {
    return this.#subscriptions.size;
  }

  get liveCount(): number {
    return this.#live.size;
  }

  get fannedOut(): number {
    return this.#fannedOut;
  }

  next(cursor: number): EncodedBatch | null {
    return this.#recent?.next(cursor) ?? null;
  }

  /**
   * Begins a subscription. `isWanted` is asked after every wait: a subscriber that left meanwhile, or
   * asked anew, gets nothing, and false is answered. `onStart` is called with the subscription just before
   * its first delivery. Rejects as the log does.
   */
  async subscribe(
    request: StartRequest,
    sink: SubscriptionSink,
    isWanted: () => boolean,
    onStart: (subscription: Subscription) => void,
  ): Promise<boolean> {
    const { start, page } = await this.#findStart(
      () => request,
      isWanted,
      () => knownHead(request, this.#feed),
    );
    if (!isWanted()) return false;
    if (this.#isClosed)
      throw new CodedError("unavailable", "The room was closed meanwhile; subscribe again.");
    const subscription = new Subscription(this, sink, start);
    this.#subscriptions.add(subscription);
    onStart(subscription);
    this.#reads.withPage(start.after, page, () => subscription.begin(start));
    return true;
  }

  /**
   * Where it begins, and the page behind that where it came with the same question. The log can be ahead of its
   * tail, in another history even, of which this room has sent nothing: then it is waited for, and asked again.
   */
  async #findStart(
    request: () => StartRequest,
    isWanted: () => boolean,
    knows: () => RoomHead | null,
  ): Promise<FoundStart> {
    for (;;) {
      const histories = this.#histories;
      const found = await this.#askStart(request(), isWanted, knows);
      const isAhead = this.#isAhead(found.start);
      if ((!isAhead && histories === this.#histories) || !isWanted() || this.#isClosed)
        return { ...found, histories };
      if (isAhead) await this.#until(Infinity);
    }
  }

  async #askStart(
    request: StartRequest,
    isWanted: () => boolean,
    knows: () => RoomHead | null,
  ): Promise<Omit<FoundStart, "histories">> {
    const newest = newestAskedFor(request);
    const known = knows();
    const page = known === null && request.kind === "join" ? await this.#newestPage(newest) : null;
    let head = known ?? (page === null ? await this.#askHead(newest) : headOf(page));
    if (isBeyondHead(request, head) && this.#deps.log.canLag && request.kind === "resume") {
      await this.#reached(request.after);
      if (isWanted()) {
        // Whoever is cut off from the others must not take a cursor of theirs for one of another history.
        await this.#deps.log.sync?.(this.name);
        head = await this.#askHead(newest);
      }
    }
    const start = planStart(request, head);
    // The chain must begin at what this room has sent.
    if (start.after > this.#fannedOut && !this.#isAhead(start)) await this.#reached(start.after);
    return { start, page };
  }

  /** Whether it is of a history that the tail has not told of. A deleted room's next one is told with its first message. */
  #isAhead(start: StartPosition): boolean {
    return this.#feed.epoch !== "" && start.epoch !== this.#feed.epoch;
  }

  async #newestPage(newest: number): Promise<Page | null> {
    return this.#newest.kept(newest, this.#feed) ?? (await this.#newest.ask(newest));
  }

  #askHead(newest?: number): Promise<RoomHead> {
    this.#deps.counters.headReads += 1;
    return this.#deps.log.head(this.name, newest);
  }

  /** Fulfils when the room has fanned out up to `offset`, or after 5 s. */
  #reached(offset: number): Promise<void> {
    this.#flush();
    return this.#fannedOut >= offset ? Promise.resolve() : this.#until(offset);
  }

  #until(offset: number): Promise<void> {
    this.#waits ??= new OffsetWaits(this.#deps.clock, LAG_WAIT_MS);
    return this.#waits.until(offset);
  }

  /** Joins the live fan-out; the subscription's cursor equals what was fanned out. */
  goLive(subscription: Subscription): void {
    this.#live.add(subscription);
  }

  leave(subscription: Subscription): void {
    this.#live.delete(subscription);
    this.#subscriptions.delete(subscription);
  }

  readBehind(after: number): Promise<CatchUpRead | null> {
    return this.#reads.behind(
      after,
      () => this.#feed.earliest,
      () => this.#fannedOut,
    );
  }

  afterPause(task: () => void): void {
    this.#deps.clock.after(RETRY_PAUSE_MS, task);
  }

  /**
   * Puts one subscription at the earliest that is kept of the present history. Reading the log and the tail both
   * show that there is another one: whichever comes second finds it under way, or it would be told twice.
   */
  restartOne(subscription: Subscription): void {
    this.#live.delete(subscription);
    const restarting = (this.#restarting ??= new Set());
    if (restarting.has(subscription)) return;
    restarting.add(subscription);
    const request = (): StartRequest => {
      const { epoch, cursor: after } = subscription.position;
      return { kind: "resume", epoch, after, atMost: undefined };
    };
    // What this room knows may be of the history that is over: it is the log that showed another one.
    this.#findStart(
      request,
      () => this.#subscriptions.has(subscription),
      () => null,
    )
      .then(({ start, histories }) => {
        restarting.delete(subscription);
        if (histories === this.#histories) subscription.restart(start);
        else this.restartOne(subscription);
      })
      .catch((error: unknown) => {
        restarting.delete(subscription);
        this.#deps.onFault(error);
        this.afterPause(() => this.restartOne(subscription));
      });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tail?.close();
    if (this.#flushTimer !== null) this.#deps.clock.cancel(this.#flushTimer);
    this.#forgetRead();
    this.#waits?.letAllGo();
  }

  #forgetRead(): void {
    this.#recent?.clear();
    this.#newest.forget();
    this.#reads.forget();
  }

  #step(event: FeedEvent): void {
    if (this.#isClosed) return;
    const { state, effects } = stepFeed(this.#feed, event);
    this.#feed = state;
    for (const effect of effects) {
      switch (effect.kind) {
        case "fan-out":
          this.#gather(effect.after, effect.messages);
          break;
        case "read":
          this.#fill(effect.after);
          break;
        case "read-later":
          this.afterPause(() => this.#fill(effect.after));
          break;
        case "forget-recent":
          this.#flush();
          this.#forgetRead();
          break;
        case "restart":
          this.#forgetHistory();
          for (const subscription of this.#subscriptions) this.restartOne(subscription);
          break;
        case "deleted":
          this.#forgetHistory();
          for (const subscription of [...this.#subscriptions]) {
            this.leave(subscription);
            subscription.end("The room was deleted.");
          }
          break;
      }
    }
  }

  #forgetHistory(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#forgetRead();
    this.#fannedOut = 0;
    this.#histories += 1;
    // Of the one that is over nothing comes any more, and who waits for the next looks again.
    this.#waits?.letAllGo();
  }

  #fill(after: number): void {
    if (this.#isClosed) return;
    this.#deps.log
      .read(this.name, after, this.#deps.readBounds ?? READ_BOUNDS)
      .then((page) => this.#step({ kind: "page", after, page }))
      .catch((error: unknown) => {
        this.#deps.onFault(error);
        this.#step({ kind: "read-failed" });
      });
  }

  #gather(after: number, messages: readonly StoredMessage[]): void {
    if (after > (this.#pending.at(-1)?.offset ?? this.#fannedOut)) this.#skipTo(after);
    for (const message of messages) {
      this.#pending.push(message);
      this.#pendingBytes += (message.bodyJson?.length ?? 0) + ENVELOPE_BYTES;
    }
    const { clock } = this.#deps;
    const isFull = this.#pendingBytes >= FULL_FRAME_BYTES;
    const waitMs = isFull ? 0 : (this.#gathering?.waitMs(clock.monotonic()) ?? 0);
    if (waitMs === 0) this.#flush();
    else this.#flushTimer ??= clock.after(waitMs, () => this.#flush());
  }

  /** The next message does not follow the last one: what lay between was trimmed before it was seen. */
  #skipTo(after: number): void {
    this.#flush();
    const lagging = [...this.#live];
    this.#live.clear();
    for (const subscription of lagging) subscription.fellBehind(this.#fannedOut);
    this.#recent?.clear();
    this.#fannedOut = after;
    for (const subscription of lagging) subscription.drained();
  }

  #flush(): void {
    if (this.#flushTimer !== null) {
      this.#deps.clock.cancel(this.#flushTimer);
      this.#flushTimer = null;
    }
    if (this.#pending.length === 0) return;
    const batches = cutIntoBatches(this.name, this.#feed.epoch, this.#fannedOut, this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    const startedMs = this.#deps.clock.monotonic();
    for (const batch of batches) this.#fanOut(batch);
    const endedMs = this.#deps.clock.monotonic();
    (this.#gathering ??= new Gathering(this.#deps.coalesceMs)).spent(endedMs - startedMs, endedMs);
    this.#waits?.reached(this.#fannedOut);
  }

  #fanOut(batch: EncodedBatch): void {
    this.#fannedOut = batch.last;
    this.#recent ??= new RecentBatches(RECENT_BYTES, this.#deps.recentBudget);
    this.#recent.push(batch);
    const receivers = this.#live.size;
    for (const subscription of this.#live) {
      if (!subscription.deliverLive(batch)) this.#live.delete(subscription);
    }
    this.#deps.counters.messagesDelivered += receivers * batch.messages.length;
  }
}
