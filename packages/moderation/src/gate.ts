import type { Clock } from "@parlor/base";
import type { RoomLog } from "@parlor/log";
import { bodyToJson } from "@parlor/protocol";
import type { AuthorizeAbout, AuthorizeQuestion, Parlor, Refusal } from "@parlor/server";
import { ACTS_ROOM, EVERYWHERE, recordKey } from "./act-record.ts";
import { groupsOf, marksOf } from "./address-marks.ts";
import { refusalBy } from "./allowed.ts";
import { hasLink } from "./has-link.ts";
import type { Journal } from "./journal.ts";
import type { Refusals } from "./refusals.ts";
import { MODERATOR_RANK, type Rank, rankOf } from "./rights.ts";
import { RoomCrowd } from "./room-crowd.ts";
import { heldFault, holds, rankIn, type RoomPolicy } from "./room-policy.ts";
import type { Right } from "./shapes.ts";

/** Somebody with so many messages among the room's newest is no newcomer. */
const KNOWN_BY = 3;

/** JSON of a message that may wait for a moderator. */
const MAX_HELD_CHARACTERS = 4_096;

/** Identities whose address is remembered, so that a ban finds where they come from. */
const MAX_ADDRESSES = 10_000;

/** A question of `authorize` with what is known beside it. */
export type Asked = AuthorizeQuestion & AuthorizeAbout;

export interface GateParts {
  readonly log: RoomLog;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly refusals: Refusals;
  readonly roleOf: (identity: string, room: string) => Right | null;
}

/**
 * What `authorize` asks: may they do that now, by what the acts say. A room of which they say nothing costs two look-ups.
 */
export class Gate {
  readonly #parts: GateParts;
  readonly #addresses = new Map<string, string>();
  readonly #crowds = new Map<string, RoomCrowd>();
  /** Rooms and identities of whom it is being written where they come from. */
  readonly #marking = new Set<string>();
  #parlor: Parlor | null = null;

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  serve(parlor: Parlor): void {
    this.#parlor = parlor;
  }

  authorize(
    question: AuthorizeQuestion,
    about: AuthorizeAbout = {},
  ): true | Refusal | Promise<true | Refusal> {
    const { rooms } = this.#parts.journal.state;
    const policy = rooms.get(question.room);
    const everywhere = rooms.get(EVERYWHERE);
    if ((policy === undefined && everywhere === undefined) || question.action === "request") return true;
    return this.#judge({ ...question, ...about }, policy, everywhere);
  }

  /** What somebody is in a room, by their links or their role. */
  rankOf(identity: string, room: string, policy: RoomPolicy | undefined): Rank {
    const byLink = policy === undefined ? 0 : rankIn(policy, identity, this.#parts.clock.now());
    return Math.max(byLink, rankOf(this.#parts.roleOf(identity, room)));
  }

  /** What the host's accounts make of somebody; null for nothing. */
  roleOf(identity: string, room: string): Right | null {
    return this.#parts.roleOf(identity, room);
  }

  /** Where somebody came from last; null where that is not known in this process. */
  addressOf(identity: string): string | null {
    return this.#addresses.get(identity) ?? null;
  }

  /** The room's acts changed: what follows who speaks there is begun, or ended. */
  changed(policy: RoomPolicy): void {
    if (policy.slowMs > 0 || policy.screensLinks) return;
    this.#crowds.get(policy.room)?.close();
    this.#crowds.delete(policy.room);
  }

  close(): void {
    for (const crowd of this.#crowds.values()) crowd.close();
    this.#crowds.clear();
  }

  #judge(
    question: Asked,
    policy: RoomPolicy | undefined,
    everywhere: RoomPolicy | undefined,
  ): true | Refusal | Promise<true | Refusal> {
    const { identity, room, action, address } = question;
    const now = this.#parts.clock.now();
    const rank = this.rankOf(identity, room, policy);
    if (address !== undefined) this.#remember(identity, address);
    const isAddressBanned = address !== undefined && this.#isAddressBanned(address, policy, everywhere, now);
    const refusal = refusalBy(policy, everywhere, { identity, rank, isAddressBanned }, action, now);
    if (refusal !== null) {
      if (address !== undefined) {
        this.mark(identity, address, policy, now);
        this.mark(identity, address, everywhere, now);
      }
      return refusal;
    }
    if (policy === undefined || action !== "publish" || rank >= MODERATOR_RANK) return true;
    // Nothing is said so far, so it takes no turn and waits for nobody; the message that names it does.
    if (question.isUpload === true) return true;
    if (policy.slowMs === 0 && !policy.screensLinks) return true;
    const crowd = this.#crowdOf(policy.room);
    if (crowd === null) return true;
    const judge = (): true | Refusal | Promise<true | Refusal> =>
      this.#judgePublish(question, policy, crowd, rank);
    return crowd.isReady ? judge() : crowd.ready.then(judge, () => UNAVAILABLE);
  }

  #judgePublish(
    question: Asked,
    policy: RoomPolicy,
    crowd: RoomCrowd,
    rank: Rank,
  ): true | Refusal | Promise<true | Refusal> {
    const { identity, address } = question;
    const now = this.#parts.clock.now();
    const isNewcomer = policy.screensLinks && rank === 0 && crowd.countOf(identity) < KNOWN_BY;
    if (policy.slowMs > 0) {
      // Newcomers of one network count as one: a new key is not a new turn.
      const [group = null] = isNewcomer && address !== undefined ? groupsOf(address) : [];
      const last = Math.max(crowd.lastAt(identity), group === null ? 0 : crowd.lastAt(group));
      const waitMs = last + policy.slowMs - now;
      if (waitMs > 0) {
        const message = `The room is slowed down: one message every ${policy.slowMs / 1_000} s.`;
        return { code: "rate-limited", message, retryAfterMs: waitMs };
      }
      crowd.note(identity, now);
      if (group !== null) crowd.note(group, now);
    }
    return isNewcomer && hasLink(bodyToJson(question.body) ?? "") ? this.#hold(question) : true;
  }

  /** Kept for a moderator, and refused in words that say so: it is not in the room. */
  async #hold({ room, identity, body, re }: Asked): Promise<Refusal> {
    const json = bodyToJson(body) ?? "";
    if (json.length > MAX_HELD_CHARACTERS) {
      return {
        code: "forbidden",
        message: "Messages with links from newcomers wait for a moderator, and this one is too long to.",
      };
    }
    const { journal } = this.#parts;
    const key = recordKey(room, identity, `hold\n${re ?? ""}\n${json}`);
    const policy = journal.state.rooms.get(room);
    const isWaiting = policy?.held.has(key) === true;
    // Nothing is stored of what finds no place, so that nobody fills the log by the queue.
    const full = policy === undefined || isWaiting ? null : heldFault(policy, identity);
    if (full !== null) {
      this.#parts.refusals.count("held-full");
      return { code: "forbidden", message: full };
    }
    try {
      if (!isWaiting) {
        const { offset, verdict } = await journal.write(
          { kind: "hold", room, key, by: identity, body, re: re ?? null },
          key,
        );
        if (!verdict.ok) {
          await this.#parts.log.redact(ACTS_ROOM, offset);
          if (verdict.full !== undefined) this.#parts.refusals.count(verdict.full);
          return { code: verdict.code, message: verdict.message };
        }
      }
    } catch {
      // The log says so to everybody else, too.
      return UNAVAILABLE;
    }
    const waits = isWaiting || journal.state.rooms.get(room)?.held.has(key) === true;
    return {
      code: "forbidden",
      message: waits
        ? "Messages with links from newcomers wait for a moderator; this one does now."
        : "Messages with links from newcomers wait for a moderator, and one has decided on this very message before.",
    };
  }

  #crowdOf(room: string): RoomCrowd | null {
    const before = this.#crowds.get(room);
    if (before !== undefined || this.#parlor === null) return before ?? null;
    const crowd = new RoomCrowd(this.#parlor, room);
    this.#crowds.set(room, crowd);
    crowd.ready.catch(() => this.#crowds.delete(room));
    return crowd;
  }

  #remember(identity: string, address: string): void {
    if (this.#addresses.get(identity) === address) return;
    this.#addresses.delete(identity);
    this.#addresses.set(identity, address);
    if (this.#addresses.size > MAX_ADDRESSES)
      this.#addresses.delete(this.#addresses.keys().next().value ?? "");
  }

  #isAddressBanned(
    address: string,
    policy: RoomPolicy | undefined,
    everywhere: RoomPolicy | undefined,
    now: number,
  ): boolean {
    const hasMarks = (policy?.marks.size ?? 0) > 0 || (everywhere?.marks.size ?? 0) > 0;
    const hasRanges = (everywhere?.bans.size ?? 0) > 0;
    if (!hasMarks && !hasRanges) return false;
    const groups = groupsOf(address);
    if (hasRanges && groups.some((group) => holds(everywhere?.bans.get(group), now))) return true;
    if (!hasMarks) return false;
    return marksOf(groups, this.#parts.journal.secret).some(
      (mark) => holds(policy?.marks.get(mark), now) || holds(everywhere?.marks.get(mark), now),
    );
  }

  /** Somebody who is banned with their address has come from here: so is this. */
  mark(identity: string, address: string, policy: RoomPolicy | undefined, now: number): void {
    const ban = policy?.bans.get(identity);
    if (policy === undefined || ban === undefined || !ban.address || !holds(ban, now)) return;
    const groups = groupsOf(address).slice(0, ban.address === "wide" ? 2 : 1);
    const marks = marksOf(groups, this.#parts.journal.secret).filter((mark) => !policy.marks.has(mark));
    const turn = `${policy.room}\n${identity}`;
    if (marks.length === 0 || this.#marking.has(turn)) return;
    this.#marking.add(turn);
    this.#parts.journal
      .write({ kind: "marks", room: policy.room, identity, marks })
      // Where the log can't take it now, the next try of theirs says it again.
      .catch(() => undefined)
      .finally(() => this.#marking.delete(turn));
  }
}

const UNAVAILABLE: Refusal = {
  code: "unavailable",
  message: "What the room's moderators said can't be looked up now; try again.",
  retryAfterMs: 1_000,
};
