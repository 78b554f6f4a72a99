import { type Clock, systemClock, type TimerHandle } from "@parlor/base";
import type { RoomLog } from "@parlor/log";
import { type Authorize, type Logger, type Parlor, type RequestHandlers, stderrLogger } from "@parlor/server";
import { EVERYWHERE } from "./act-record.ts";
import { Compaction } from "./compaction.ts";
import { Desk } from "./desk.ts";
import { carryOut, eraseWords, tell } from "./effects.ts";
import type { PlacedRecord } from "./fold.ts";
import { hasWordsOf } from "./forget-words.ts";
import { Gate } from "./gate.ts";
import { Journal } from "./journal.ts";
import { OperatorView } from "./operator-view.ts";
import { Refusals } from "./refusals.ts";
import type { Pending, Verdict } from "./room-policy.ts";
import type { Right } from "./shapes.ts";

export interface ModerationOptions {
  /** The log that the `Parlor` is given, too. */
  readonly log: RoomLog;
  /** Rooms that nobody becomes the owner of by making them. The operator can still give them one. @default every room */
  readonly canBeOwned?: ((room: string) => boolean) | undefined;
  /** What a host's accounts make of an identity in a room, beside the links that it holds. Synchronous. @default nothing */
  readonly roleOf?: ((identity: string, room: string) => Right | null) | undefined;
  /**
   * Acts are summed up, and the log forgets them, once they take so much, as UTF-16 code units of JSON; and at least
   * as much as what they come to. @default 1 MiB
   */
  readonly compactAboveBytes?: number | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** @default standard error */
  readonly logger?: Logger | undefined;
}

/** How often links whose time is over are looked for, ms. */
const EXPIRY_EVERY_MS = 5_000;

/**
 * Moderation of a server's rooms, for whichever of its processes: acts in the log, and what follows from them.
 *
 *     const moderation = await Moderation.open({ log });
 *     const parlor = new Parlor({ log, authorize: moderation.authorize, requests: moderation.requests });
 *     moderation.serve(parlor);
 *
 * Close it before the log.
 */
export class Moderation {
  /** For `Parlor`'s option of that name; ask it beside a hook of one's own. */
  readonly authorize: Authorize;
  /** For `Parlor`'s option of that name: the methods that begin with `moderation.`. */
  readonly requests: RequestHandlers;
  /** What the operator sees and does; whoever uses it has looked that it is them. */
  readonly asOperator: OperatorView;
  readonly #journal: Journal;
  readonly #gate: Gate;
  readonly #desk: Desk;
  readonly #log: RoomLog;
  readonly #refusals = new Refusals();
  readonly #compaction: Compaction;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** What is being carried out here, by the key of its record. */
  readonly #following = new Map<string, Promise<void>>();
  #parlor: Parlor | null = null;
  #expiry: TimerHandle | null = null;
  #lookedAt: number;
  #isClosed = false;

  private constructor(options: ModerationOptions) {
    const { log, clock = systemClock, logger = stderrLogger } = options;
    this.#log = log;
    this.#clock = clock;
    this.#logger = logger;
    this.#lookedAt = clock.now();
    this.#journal = new Journal({
      log,
      clock,
      onFolded: (placed, verdict) => this.#folded(placed, verdict),
      onReplaced: () => this.#replaced(),
      onWritten: () => this.#compaction.consider(),
      onFault: (fault) => this.#fault("Acts of moderation can't be read now; what was read holds.", fault),
    });
    this.#compaction = new Compaction({
      log,
      journal: this.#journal,
      aboveBytes: options.compactAboveBytes,
      onFault: (fault) => {
        if (!this.#isClosed) this.#fault("Acts of moderation are not summed up yet; they are later.", fault);
      },
    });
    this.#gate = new Gate({
      log,
      journal: this.#journal,
      clock,
      refusals: this.#refusals,
      roleOf: options.roleOf ?? (() => null),
    });
    this.#desk = new Desk({
      journal: this.#journal,
      gate: this.#gate,
      clock,
      refusals: this.#refusals,
      canBeOwned: options.canBeOwned ?? (() => true),
      parlor: () => this.#served,
      follow: (pending) => this.#follow(pending),
    });
    this.asOperator = new OperatorView({
      journal: this.#journal,
      desk: this.#desk,
      clock,
      parlor: () => this.#served,
    });
    this.authorize = (question, about) => this.#gate.authorize(question, about);
    this.requests = this.#desk.handlers;
  }

  /**
   * Reads all acts that stand in the log, so that from the first connection on they hold.
   * @throws {CodedError} `unavailable`
   */
  static async open(options: ModerationOptions): Promise<Moderation> {
    const moderation = new Moderation(options);
    await moderation.#journal.open();
    return moderation;
  }

  /** Begins: what was left undone by a process that died is done, and from now on acts have their consequences. */
  serve(parlor: Parlor): void {
    this.#parlor = parlor;
    this.#gate.serve(parlor);
    this.#refusals.showIn(parlor);
    for (const bound of this.#journal.bounds) parlor.operator.addBound(bound);
    for (const { pending } of this.#journal.state.rooms.values()) {
      for (const each of pending.values())
        void this.#follow(each).catch((fault: unknown) => this.#undone(fault));
    }
    void this.#compaction.settle();
    this.#tick();
  }

  /** The room was deleted: who might do what there is forgotten, and who makes it again is its owner. */
  async roomDeleted(room: string): Promise<void> {
    if (!this.#journal.state.rooms.has(room)) return;
    await this.#journal.write({ kind: "gone", room });
    await eraseWords(this.#log, { room });
  }

  /**
   * Erases from the acts what an identity wrote itself: reports, and messages that wait; every process forgets them.
   * That it acted stays. Fulfils with how many that were.
   * @throws {CodedError} `unavailable`
   */
  async eraseWordsOf(identity: string): Promise<number> {
    // Forgotten first: who dies in between forgets again, and erases what is left.
    if (hasWordsOf(this.#journal.state.rooms, identity))
      await this.#journal.write({ kind: "forget", identity });
    return eraseWords(this.#log, { by: identity });
  }

  /** Fulfils when what was begun here is carried out. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#following.values());
    await this.#compaction.idle();
  }

  /** Ends, once what was begun is done, and before the log is closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#expiry !== null) this.#clock.cancel(this.#expiry);
    await this.idle();
    this.#gate.close();
    this.#journal.close();
  }

  get #served(): Parlor {
    if (this.#parlor === null) throw new Error("Call `serve` with the Parlor first.");
    return this.#parlor;
  }

  /** Tells the room, and carries out the rest behind that; fulfils with what the room was told. */
  async #follow(pending: Pending): Promise<number | null> {
    const parts = { log: this.#log, parlor: this.#served, journal: this.#journal };
    const entry = await tell(parts, pending);
    const { key } = pending.record;
    if (!this.#following.has(key)) {
      const work = carryOut(parts, pending)
        .catch((fault: unknown) => this.#undone(fault))
        .finally(() => this.#following.delete(key));
      this.#following.set(key, work);
    }
    return entry;
  }

  /** One more record holds, here as in every process. */
  #folded({ record }: PlacedRecord, verdict: Verdict): void {
    if (!verdict.ok || this.#parlor === null || !("room" in record)) return;
    const { room } = record;
    const policy = this.#journal.state.rooms.get(room);
    if (policy !== undefined) this.#gate.changed(policy);
    if (record.kind === "act") {
      const { act } = record;
      if (act.kind === "ban") {
        const from = this.#gate.addressOf(act.identity);
        if (from !== null) this.#gate.mark(act.identity, from, policy, this.#clock.now());
        this.#recheck(room, act.identity);
      } else if (act.kind === "mode" || act.kind === "revoke" || act.kind === "ban-range")
        this.#recheck(room);
    } else if (record.kind === "marks" || record.kind === "gone") this.#recheck(room);
    // From each process, when it knows: a page that asks again is not answered by one that has not read so far.
    if (record.kind !== "done") this.#nudge(room);
  }

  /** So much was missed that it can't be told what of it is new: everything is looked at again. */
  #replaced(): void {
    for (const policy of this.#journal.state.rooms.values()) this.#gate.changed(policy);
    this.#recheck(EVERYWHERE);
    this.#nudge(EVERYWHERE);
  }

  #recheck(room: string, identity?: string): void {
    const where = room === EVERYWHERE ? {} : { room };
    this.#parlor?.recheck(identity === undefined ? where : { ...where, identity });
  }

  /** Pages that listen look again. Reports are nobody's but moderators'; that there is something new is no secret. */
  #nudge(room: string): void {
    const parlor = this.#parlor;
    for (const name of room === EVERYWHERE ? (parlor?.openRooms() ?? []) : [room]) {
      // The inbox of somebody is no room that is moderated.
      if (!name.startsWith("@")) parlor?.room(name).signal({ moderation: this.#journal.state.version });
    }
  }

  /** A link whose time is over ends what it let its holder read. */
  #tick(): void {
    if (this.#isClosed) return;
    this.#expiry = this.#clock.after(EXPIRY_EVERY_MS, () => {
      const now = this.#clock.now();
      for (const policy of this.#journal.state.rooms.values()) {
        if (policy.mode !== "link-only") continue;
        for (const { expiresAt } of policy.links.values()) {
          if (expiresAt === null || expiresAt > now || expiresAt <= this.#lookedAt) continue;
          this.#recheck(policy.room);
          break;
        }
      }
      this.#lookedAt = now;
      this.#tick();
    });
  }

  #undone(fault: unknown): void {
    if (!this.#isClosed)
      this.#fault("An act of moderation is not carried out yet; the next start does it.", fault);
  }

  #fault(sentence: string, fault: unknown): void {
    this.#logger.warn(sentence, { fault: fault instanceof Error ? fault.message : String(fault) });
  }
}
