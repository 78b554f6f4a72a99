import type { Clock } from "@parlor/base";
import type { Parlor } from "@parlor/server";
import { EVERYWHERE } from "./act-record.ts";
import type { Desk } from "./desk.ts";
import { FOREVER } from "./forever.ts";
import type { Journal } from "./journal.ts";
import { readAct } from "./read-act.ts";
import { heldShown, reportShown } from "./queue.ts";
import { OPERATOR } from "./rights.ts";
import { holds, isAlive, type RoomPolicy } from "./room-policy.ts";
import { linkShown } from "./shown.ts";
import type { ActDone, HeldShown, LinkShown, Mode, ReportShown } from "./shapes.ts";

/** A room in which something was done. */
export interface ModeratedRoom {
  readonly room: string;
  /** Identities that hold an owner's link. */
  readonly owners: readonly string[];
  readonly mode: Mode;
  readonly isLocked: boolean;
  readonly slowMs: number;
  readonly screensLinks: boolean;
  readonly reports: number;
  readonly held: number;
  readonly bans: number;
  readonly mutes: number;
}

export interface SanctionShown {
  /** `@*` for all rooms. */
  readonly room: string;
  readonly kind: "ban" | "mute";
  /** An identity, or a range of addresses that the operator banned. */
  readonly who: string;
  /** ms since 1970; null until it is lifted. */
  readonly until: number | null;
  readonly by: string;
  /** Also where they come from. */
  readonly address: boolean | "wide";
}

export interface OperatorViewParts {
  readonly journal: Journal;
  readonly desk: Desk;
  readonly clock: Clock;
  readonly parlor: () => Parlor;
}

/** What the operator sees and does, in every room. Whoever calls this has looked that it is them. */
export class OperatorView {
  /** The room of what holds in all rooms. */
  readonly everywhere = EVERYWHERE;
  readonly #parts: OperatorViewParts;

  constructor(parts: OperatorViewParts) {
    this.#parts = parts;
  }

  /**
   * Does an act as `@operator`, in a room or `@*`; `act` may be whatever a page sent.
   * @throws {CodedError} `bad-frame`, `forbidden`, `unavailable`
   */
  async act(room: string, id: string, act: unknown): Promise<ActDone> {
    return this.#parts.desk.act(OPERATOR, room, id, readAct(act));
  }

  /** Those in which most waits first. */
  rooms(limit = 500): ModeratedRoom[] {
    const rooms: ModeratedRoom[] = [];
    for (const policy of this.#policies()) if (policy.room !== EVERYWHERE) rooms.push(this.#shown(policy));
    return rooms.sort((a, b) => b.reports + b.held - (a.reports + a.held)).slice(0, limit);
  }

  /** One room; null where nothing was ever done in it. */
  room(room: string): ModeratedRoom | null {
    const policy = this.#parts.journal.state.rooms.get(room);
    return policy === undefined ? null : this.#shown(policy);
  }

  /** Open reports of all rooms, the oldest of each first, with what stands around them. */
  async reports(limit = 100): Promise<ReportShown[]> {
    const shown: ReportShown[] = [];
    for (const { room, reports } of this.#policies()) {
      for (const report of reports.values()) {
        if (shown.length >= limit) return shown;
        shown.push(await reportShown(this.#parts.parlor(), room, report));
      }
    }
    return shown;
  }

  held(limit = 100): HeldShown[] {
    const shown: HeldShown[] = [];
    for (const { room, held } of this.#policies()) {
      for (const each of held.values()) if (shown.length < limit) shown.push(heldShown(room, each));
    }
    return shown;
  }

  /** Bans and mutes that hold now, in all rooms. */
  sanctions(limit = 1_000): SanctionShown[] {
    const now = this.#parts.clock.now();
    const shown: SanctionShown[] = [];
    for (const { room, bans, mutes } of this.#policies()) {
      for (const [kind, sanctions] of [
        ["ban", bans],
        ["mute", mutes],
      ] as const) {
        for (const [who, sanction] of sanctions) {
          if (shown.length >= limit || !holds(sanction, now)) continue;
          const { until, by, address } = sanction;
          shown.push({ room, kind, who, until: until >= FOREVER ? null : until, by, address });
        }
      }
    }
    return shown;
  }

  /** The links of one room, the newest 50 at the end. */
  links(room: string): LinkShown[] {
    const policy = this.#parts.journal.state.rooms.get(room);
    if (policy === undefined) return [];
    const { secret } = this.#parts.journal;
    const now = this.#parts.clock.now();
    return [...policy.links.values()].slice(-50).map((link) => linkShown(policy, link, secret, now));
  }

  *#policies(): Generator<RoomPolicy> {
    yield* this.#parts.journal.state.rooms.values();
  }

  #shown(policy: RoomPolicy): ModeratedRoom {
    const { room, mode, isLocked, slowMs, screensLinks, reports, held, bans, mutes, accepted, links } =
      policy;
    const now = this.#parts.clock.now();
    const owners: string[] = [];
    for (const [identity, own] of accepted) {
      const isOwner = [...own].some((id) => links.get(id)?.right === "owner" && isAlive(policy, id, now));
      if (isOwner) owners.push(identity);
    }
    const inForce = (sanctions: RoomPolicy["bans"]): number =>
      [...sanctions.values()].filter((each) => holds(each, now)).length;
    return {
      room,
      owners,
      mode,
      isLocked,
      slowMs,
      screensLinks,
      reports: reports.size,
      held: held.size,
      bans: inForce(bans),
      mutes: inForce(mutes),
    };
  }
}
