import { CodedError, systemClock, type TimerHandle } from "@parlor/base";
import { roomSignals, type ParlorClient } from "@parlor/client";
import type {
  Act,
  ActDone,
  HeldShown,
  LinkShown,
  PersonShown,
  Reason,
  ReportShown,
  Standing,
} from "@parlor/moderation/shapes";
import { isJsonObject, type JsonObject } from "@parlor/protocol";
import { computed, effect, signal, type ReadonlySignal } from "@preact/signals";
import { actOf, SERVER } from "../acts.ts";
import type { MessageRow, Row } from "../rows.ts";
import type { Timeline } from "../timeline.ts";
import type { Outcomes } from "./outcomes.ts";
import type { OwnerLinks } from "./owner-links.ts";

/** What moderation has to know of a room, and do to it. */
export interface ModeratedRoom {
  readonly name: string;
  /** Of this page. */
  readonly identity: string | null;
  readonly timeline: ReadonlySignal<Timeline>;
  readonly rows: ReadonlySignal<readonly Row[]>;
  readonly closedBecause: ReadonlySignal<string | null>;
  open(): void;
  discard(echoId: string): void;
}

/** What waits for a moderator's decision. */
export interface Queue {
  readonly reports: readonly ReportShown[];
  readonly held: readonly HeldShown[];
}

/** How often something is asked in all, where the connection is lost before its answer; an act is done once. */
const MAX_TRIES = 5;
const RETRY_AFTER_MS = 1_000;
/** What is not known to be done; the same id again is done once. */
const UNANSWERED: ReadonlySet<string> = new Set(["outcome-unknown", "deadline", "unavailable"]);
/** What to ask again how things stand for: it is not so for good. */
const PASSING: ReadonlySet<string> = new Set([...UNANSWERED, "rate-limited"]);
/**
 * How long an act that stands in the room waits for its signal, which comes first unless it was dropped; and over how
 * long the pages of a large room spread what they ask then, in ms.
 */
const SIGNAL_PATIENCE_MS = 1_000;
const SPREAD_MS = 2_000;
/** A room that was opened again by itself is not for so long, in ms. */
const REOPEN_AFTER_MS = 5_000;
/** Longer than any timer of a browser can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** How often a page that is shut out, and so hears no signal of the room, asks whether it still is, in ms. */
const SHUT_OUT_EVERY_MS = 10_000;

/** What the room is to this page: who may do what in it, and the ways to change that. */
export class RoomModeration {
  /** null before the server said so; a server without moderation never does. */
  readonly standing = signal<Standing | null>(null);
  readonly links = signal<readonly LinkShown[] | null>(null);
  readonly queue = signal<Queue | null>(null);
  readonly people = signal<readonly PersonShown[] | null>(null);
  /** The room became this person's own just now. */
  readonly isNewlyOwned = signal(false);
  /** Why one can't write, in words; null where one can. */
  readonly shutBecause = computed(() => {
    const may = this.standing.value?.mayPublish ?? true;
    return may === true ? null : may;
  });
  readonly isModerator = computed(() => isModerator(this.standing.value));
  /** What became of what this person reported, here or elsewhere. */
  readonly outcomes: Outcomes;
  readonly isOwner = computed(() => this.standing.value?.right === "owner");

  readonly #client: ParlorClient;
  readonly #room: ModeratedRoom;
  readonly #ownerLinks: OwnerLinks;
  readonly #stops: (() => void)[];
  #timer: TimerHandle | null = null;
  #actTimer: TimerHandle | null = null;
  /** When it was last asked how things stand, and when the room last told of an act. */
  #askedMs = -Infinity;
  #toldMs = -Infinity;
  #isSeeing = false;
  #mustSeeAgain = false;
  #isClaiming = false;
  #isClosed = false;
  /** When a room that was closed to this page was last opened again by itself. */
  #openedMs = -Infinity;

  constructor(client: ParlorClient, room: ModeratedRoom, ownerLinks: OwnerLinks, outcomes: Outcomes) {
    this.outcomes = outcomes;
    this.#client = client;
    this.#room = room;
    this.#ownerLinks = ownerLinks;
    const followed = client.room(room.name);
    this.#stops = [
      // Signals come from here on, and what was done before is in none of them.
      followed.on("subscribed", () => void this.see()),
      roomSignals(followed).on("signal", ({ from, body }) => {
        if (from === SERVER && isJsonObject(body) && "moderation" in body) void this.see();
      }),
      followed.on("messages", (messages, { live }) => {
        if (live && messages.some((message) => actOf(message) !== null)) this.#seeBehindAct();
      }),
      // A right that is withdrawn ends what is read; what is left of it may be read on.
      effect(() => {
        if (this.#room.closedBecause.value !== null) void this.see();
      }),
      effect(() => this.#claimOwn()),
      effect(() => this.#letGoOfLetThrough()),
    ];
    void this.see();
  }

  /** Asks how things stand, and again what is shown of them. */
  async see(): Promise<void> {
    if (this.#isSeeing) {
      this.#mustSeeAgain = true;
      return;
    }
    this.#isSeeing = true;
    try {
      do {
        this.#mustSeeAgain = false;
        this.#askedMs = systemClock.monotonic();
        this.#take(await this.#client.request<Standing>("moderation.see", { room: this.#room.name }));
        await this.#readAgain();
      } while (this.#isMustSee());
    } catch (error) {
      // Intentionally without a word: the server refuses anyway what is not allowed.
      if (error instanceof CodedError && PASSING.has(error.code)) this.#seeIn(RETRY_AFTER_MS);
    } finally {
      this.#isSeeing = false;
    }
  }

  /** Does it, once, also where the connection is lost meanwhile; rejects with what the server says. */
  async act(act: Act): Promise<ActDone> {
    const asked = { room: this.#room.name, id: newId(), act };
    const done = await this.#ask<ActDone>("moderation.act", asked);
    void this.see();
    return done;
  }

  async report(offset: number, reason: Reason, words: string): Promise<{ readonly isNew: boolean }> {
    this.outcomes.follow();
    return await this.#ask("moderation.report", { room: this.#room.name, offset, reason, words });
  }

  async readLinks(): Promise<void> {
    const params = { room: this.#room.name };
    const read = await this.#ask<{ links: readonly LinkShown[] }>("moderation.links", params);
    this.links.value = read.links;
  }

  async readQueue(): Promise<void> {
    this.queue.value = await this.#ask<Queue>("moderation.queue", { room: this.#room.name });
  }

  async readPeople(): Promise<void> {
    const params = { room: this.#room.name };
    const read = await this.#ask<{ people: readonly PersonShown[] }>("moderation.people", params);
    this.people.value = read.people;
  }

  /** The link that gives back what its owner may do; null where this browser has none. */
  ownerLink(): string | null {
    const kept = this.#ownerLinks.of(this.#room.name);
    return (
      kept ?? this.links.value?.find(({ right, revoked }) => right === "owner" && !revoked)?.token ?? null
    );
  }

  /** Takes what somebody was handed out. */
  async accept(token: string): Promise<void> {
    this.#take(await this.#ask<Standing>("moderation.accept", { link: token }));
    if (this.isOwner.peek()) this.#ownerLinks.keep(this.#room.name, token);
    if (this.#room.closedBecause.peek() !== null) this.#room.open();
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
    for (const timer of [this.#timer, this.#actTimer]) if (timer !== null) systemClock.cancel(timer);
  }

  /** Asks after so long, in place of when it was to be asked before; never where that is longer than timers wait. */
  #seeIn(ms: number): void {
    if (this.#timer !== null) systemClock.cancel(this.#timer);
    // An answer may come when nobody follows the room any more.
    if (this.#isClosed) return;
    this.#timer = ms < MAX_TIMER_MS ? systemClock.after(Math.max(ms, 0), () => void this.see()) : null;
  }

  /** What the room was told stays, while a signal of it may be dropped: it is asked for where none came. */
  #seeBehindAct(): void {
    this.#toldMs = systemClock.monotonic();
    this.#actTimer ??= systemClock.after(SIGNAL_PATIENCE_MS + Math.random() * SPREAD_MS, () => {
      this.#actTimer = null;
      if (this.#askedMs < this.#toldMs) void this.see();
    });
  }

  #isMustSee(): boolean {
    return this.#mustSeeAgain;
  }

  #take(standing: Standing): void {
    this.standing.value = standing;
    const isShutOut = this.#room.closedBecause.peek() !== null;
    // Nobody should have to try by hand; but where it is closed again at once, something else is the matter.
    if (
      isShutOut &&
      standing.mayRead === true &&
      systemClock.monotonic() > this.#openedMs + REOPEN_AFTER_MS
    ) {
      this.#openedMs = systemClock.monotonic();
      this.#room.open();
    }
    const ends = [standing.mutedUntil, standing.bannedUntil].filter((until) => until !== null);
    // Also where nothing is said against it: an address may be banned, of which nobody is told more.
    const everyMs = standing.mayRead === true && !isShutOut ? Infinity : SHUT_OUT_EVERY_MS;
    this.#seeIn(Math.min(everyMs, Math.min(...ends) - systemClock.now() + 500));
  }

  async #readAgain(): Promise<void> {
    if (!this.isModerator.peek()) {
      this.queue.value = null;
      this.links.value = null;
      this.people.value = null;
      return;
    }
    if (this.queue.peek() !== null) await this.readQueue();
    if (this.links.peek() !== null) await this.readLinks();
    if (this.people.peek() !== null) await this.readPeople();
  }

  /** Who wrote the first message of a room makes it, and so owns it. */
  #claimOwn(): void {
    const { live, earliest } = this.#room.timeline.value;
    const first = live?.messages[0];
    const isOwn = first?.offset === 1 && earliest === 1 && first.from === this.#room.identity;
    if (!isOwn || this.standing.value?.isOwned !== false || this.#isClaiming) return;
    this.#isClaiming = true;
    void this.#claim().finally(() => {
      this.#isClaiming = false;
    });
  }

  /** What waited for a moderator and stands in the room now does not wait any more. */
  #letGoOfLetThrough(): void {
    const own = this.#room.rows.value.filter((row) => row.kind === "message" && row.isOwn) as MessageRow[];
    const waiting = own.filter(({ echo }) => echo?.kind === "held" && echo.isAtModerator === true);
    for (const { key, body, at } of waiting) {
      const isThere = ({ offset, body: said, at: saidAt }: MessageRow): boolean =>
        offset !== null && saidAt >= at && JSON.stringify(said) === JSON.stringify(body);
      if (own.some(isThere)) this.#room.discard(key);
    }
  }

  async #claim(): Promise<void> {
    try {
      const params = { room: this.#room.name };
      const { canClaim } = await this.#client.request<Standing>("moderation.see", params);
      if (!canClaim) {
        // Not to be had at all, as the lobby: it is not asked for at each message.
        this.standing.value = { ...(this.standing.peek() as Standing), isOwned: true };
        return;
      }
      const { link } = await this.#client.request<{ link: LinkShown }>("moderation.claim", params);
      this.#ownerLinks.keep(this.#room.name, link.token);
      this.isNewlyOwned.value = true;
      await this.see();
    } catch {
      // Intentionally without a word: the next message, or the next visit, tries it again.
    }
  }

  async #ask<Result>(method: string, params: JsonObject | object): Promise<Result> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#client.request<Result>(method, params);
      } catch (error) {
        const isLost = error instanceof CodedError && UNANSWERED.has(error.code);
        if (!isLost || tries >= MAX_TRIES) throw error;
        await new Promise<void>((resolve) => systemClock.after(RETRY_AFTER_MS, resolve));
      }
    }
  }
}

export function isModerator(standing: Standing | null): boolean {
  return standing?.right === "moderator" || standing?.right === "owner";
}

function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
