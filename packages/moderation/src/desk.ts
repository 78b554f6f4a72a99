/** What answers a page's requests about moderation: looks at what is asked, who asks and how often, and writes the act. */
import { type Clock, CodedError } from "@parlor/base";
import type { Parlor, Refusal, RequestHandlers, RequestQuestion } from "@parlor/server";
import { type ActRecord, recordKey } from "./act-record.ts";
import { AskRates } from "./ask-rates.ts";
import type { Gate } from "./gate.ts";
import type { Journal, Written } from "./journal.ts";
import { readLink } from "./link-token.ts";
import type { Refusals } from "./refusals.ts";
import { lackOf } from "./judge-act.ts";
import { queueOf } from "./queue.ts";
import { readAct, readId, readParams, readReport, readRoom, readToken } from "./read-act.ts";
import { allowsOf, MODERATOR_RANK, OPERATOR, OPERATOR_RANK, OWNER_RANK, type Rank } from "./rights.ts";
import { descendsFrom, isAlive, isOwned, newPolicy, type Pending, type RoomPolicy } from "./room-policy.ts";
import { linkShown, peopleOf, standingOf } from "./shown.ts";
import type {
  Act,
  ActDone,
  LinkLook,
  LinkShown,
  PersonShown,
  ReportShown,
  HeldShown,
  Standing,
} from "./shapes.ts";

export interface DeskParts {
  readonly journal: Journal;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly refusals: Refusals;
  readonly canBeOwned: (room: string) => boolean;
  readonly parlor: () => Parlor;
  /** Tells the room, and begins what else follows. */
  readonly follow: (pending: Pending) => Promise<number | null>;
}

/** Links in one answer, which has a bound as messages have. */
const MAX_LINKS = 50;

/** Who asks, and what they are in the room. */
interface Asking {
  readonly identity: string;
  readonly rank: Rank;
  readonly policy: RoomPolicy | undefined;
}

export class Desk {
  readonly #parts: DeskParts;
  readonly #rates: AskRates;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#rates = new AskRates(parts.clock);
  }

  /** By method, for the `requests` of a `Parlor`. */
  get handlers(): RequestHandlers {
    return {
      "moderation.see": (question) => this.#see(question),
      "moderation.claim": (question) => this.#claim(question),
      "moderation.look": (question) => this.#look(question),
      "moderation.accept": (question) => this.#accept(question),
      "moderation.act": (question) => this.#act(question),
      "moderation.links": (question) => this.#links(question),
      "moderation.report": (question) => this.#report(question),
      "moderation.queue": (question) => this.#queue(question),
      "moderation.people": (question) => this.#people(question),
    };
  }

  /** An act of somebody whom the caller vouches for; `id` names it for ever. */
  async act(identity: string, room: string, id: string, act: Act): Promise<ActDone> {
    const { journal, gate } = this.#parts;
    // Nothing is stored for who surely may not, nor are they told what there is; who may is judged by the fold.
    const lackNow = (): ReturnType<typeof lackOf> =>
      lackOf(act, identity === OPERATOR ? OPERATOR_RANK : gate.rankOf(identity, room, this.#policy(room)));
    let lacking = lackNow();
    if (lacking !== null) {
      // What makes them one may stand in the log already, by another process.
      await journal.catchUp();
      lacking = lackNow();
    }
    if (lacking !== null) throw new CodedError(lacking.code, lacking.message);
    await this.#checkMessage(room, act);
    const key = recordKey(room, identity, id);
    const by = identity === OPERATOR ? null : gate.roleOf(identity, room);
    const other = "identity" in act ? gate.roleOf(act.identity, room) : null;
    const roles = by === null && other === null ? {} : { roles: { by, other } };
    const record: ActRecord = { kind: "act", room, key, by: identity, id, act, ...roles };
    const { offset } = this.#answered(await journal.write(record, key));
    const policy = this.#policy(room) ?? newPolicy(room);
    const pending = policy.pending.get(key);
    const entry = pending === undefined ? null : await this.#parts.follow(pending);
    const link = act.kind === "link" ? this.#shown(policy, key) : null;
    return { offset, entry, ...(link === null ? {} : { link }) };
  }

  async #see(question: RequestQuestion): Promise<Standing> {
    const params = readParams(question.params);
    const room = readRoom(params);
    this.#rates.take("look", question);
    const { identity, rank } = this.#asking(question, params, room);
    return this.#standing(identity, room, rank);
  }

  async #claim(question: RequestQuestion): Promise<{ readonly link: LinkShown }> {
    const room = readRoom(readParams(question.params));
    const { identity } = question;
    this.#rates.take("claim", question);
    // The same person asks again, such as when the answer was lost: it is theirs.
    const own = this.#ownedBy(identity, room);
    if (own !== null) return { link: own };
    if (!(await this.#canClaim(identity, room))) {
      throw new CodedError(
        "forbidden",
        "Only who makes a room becomes its owner: it has one, or others wrote there first.",
      );
    }
    const key = recordKey(room, identity, `claim ${this.#parts.journal.state.version}`);
    this.#checkPlace(room);
    this.#answered(await this.#parts.journal.write({ kind: "claim", room, key, by: identity }, key));
    const link = this.#ownedBy(identity, room);
    if (link === null) throw new CodedError("forbidden", "This room has an owner already.");
    return { link };
  }

  async #look(question: RequestQuestion): Promise<LinkLook> {
    this.#rates.take("look", question);
    const { room, right, expiresAt, label } = await this.#linkOf(readToken(readParams(question.params)));
    return { room, right, expiresAt, label, allows: allowsOf(right) };
  }

  async #accept(question: RequestQuestion): Promise<Standing> {
    const { identity } = question;
    this.#rates.take("write", question);
    const { room, id } = await this.#linkOf(readToken(readParams(question.params)));
    const { journal, gate } = this.#parts;
    if (this.#policy(room)?.accepted.get(identity)?.has(id) !== true) {
      const key = recordKey(room, identity, `accept ${id}`);
      if (journal.isFull) throw this.#full();
      this.#answered(await journal.write({ kind: "accept", room, key, by: identity, link: id }, key));
    }
    return this.#standing(identity, room, gate.rankOf(identity, room, this.#policy(room)));
  }

  #act(question: RequestQuestion): Promise<ActDone> {
    const params = readParams(question.params);
    const room = readRoom(params, true);
    const id = readId(params);
    const act = readAct(params["act"]);
    const { identity, rank } = this.#asking(question, params, room);
    if (rank < OPERATOR_RANK) this.#rates.take("write", question);
    return this.act(identity, room, id, act);
  }

  #links(question: RequestQuestion): { readonly links: readonly LinkShown[] } {
    const params = readParams(question.params);
    const room = readRoom(params);
    this.#rates.take("look", question);
    const { identity, rank, policy } = this.#asking(question, params, room);
    if (policy === undefined || rank === 0) return { links: [] };
    const own = policy.accepted.get(identity) ?? new Set<string>();
    const links: LinkShown[] = [];
    for (const id of policy.links.keys()) {
      const shown = this.#shown(policy, id);
      if (shown !== null && (rank >= OWNER_RANK || descendsFrom(policy, id, own))) links.push(shown);
    }
    // An answer has a bound, and the newest are those that are looked for.
    return { links: links.slice(-MAX_LINKS) };
  }

  async #report(question: RequestQuestion): Promise<{ readonly isNew: boolean }> {
    const params = readParams(question.params);
    const room = readRoom(params);
    const { offset, reason, words } = readReport(params);
    const { identity } = question;
    this.#rates.take("report", question);
    this.#mayRead(question, room);
    const message = await this.#message(room, offset);
    this.#checkPlace(room);
    const key = recordKey(room, identity, `report ${offset}`);
    const isNew = this.#policy(room)?.reports.get(offset)?.reporters.has(identity) !== true;
    const record = {
      kind: "report",
      room,
      key,
      by: identity,
      offset,
      reason,
      words,
      from: message.from,
    } as const;
    this.#answered(await this.#parts.journal.write(record, key));
    return { isNew };
  }

  async #queue(question: RequestQuestion): Promise<{ reports: ReportShown[]; held: HeldShown[] }> {
    const policy = this.#moderated(question);
    return policy === undefined ? { reports: [], held: [] } : queueOf(this.#parts.parlor(), policy);
  }

  #people(question: RequestQuestion): { readonly people: readonly PersonShown[] } {
    const policy = this.#moderated(question);
    return { people: policy === undefined ? [] : peopleOf(policy, this.#now).slice(0, 300) };
  }

  /** The room's policy for who may moderate it; undefined where nothing was ever done there. */
  #moderated(question: RequestQuestion): RoomPolicy | undefined {
    const params = readParams(question.params);
    const room = readRoom(params);
    this.#rates.take("look", question);
    const { rank, policy } = this.#asking(question, params, room);
    if (rank < MODERATOR_RANK)
      throw new CodedError("forbidden", "Only moderators of this room can see that.");
    return policy;
  }

  #asking(question: RequestQuestion, params: Readonly<Record<string, unknown>>, room: string): Asking {
    const policy = this.#policy(room);
    const { identity, address } = question;
    if (params["operator"] === undefined) {
      return { identity, rank: this.#parts.gate.rankOf(identity, room, policy), policy };
    }
    this.#checkOperator(params["operator"], address);
    return { identity: OPERATOR, rank: OPERATOR_RANK, policy };
  }

  /** By the one door of the server, so that guesses here and at its pages count together. */
  #checkOperator(key: unknown, address: string): void {
    const { operator } = this.#parts.parlor();
    switch (operator.check(typeof key === "string" ? key : null, address)) {
      case "operator":
        return;
      case "off":
        throw new CodedError("forbidden", "This server has no operator key; start it with --operator-key.");
      case "no-key":
      case "wrong-key":
        throw new CodedError("forbidden", "That is not the operator key.");
      case "too-many-guesses": {
        const message = "Too many wrong operator keys came from this address; wait.";
        throw refusal({ code: "rate-limited", message, retryAfterMs: operator.waitMs(address) });
      }
    }
  }

  #mayRead({ identity, address }: RequestQuestion, room: string): void {
    const verdict = this.#parts.gate.authorize({ identity, room, action: "history" }, { address });
    if (verdict !== true && "code" in verdict) throw refusal(verdict);
  }

  async #standing(identity: string, room: string, rank: Rank): Promise<Standing> {
    const { state } = this.#parts.journal;
    const canClaim = rank < OWNER_RANK && (await this.#canClaim(identity, room));
    return standingOf({ state, room, identity, rank, canClaim, now: this.#now });
  }

  /** Whether they made the room: there is nothing in it, or it begins with what they wrote. */
  async #canClaim(identity: string, room: string): Promise<boolean> {
    const { canBeOwned } = this.#parts;
    const policy = this.#policy(room);
    if (!canBeOwned(room) || (policy !== undefined && isOwned(policy))) return false;
    const { head, messages } = await this.#parts.parlor().room(room).read({ limit: 1 });
    const [first] = messages;
    return head === 0 || (first?.offset === 1 && first.from === identity);
  }

  #ownedBy(identity: string, room: string): LinkShown | null {
    const policy = this.#policy(room);
    for (const id of policy?.accepted.get(identity) ?? []) {
      const link = policy?.links.get(id);
      if (policy !== undefined && link?.right === "owner" && isAlive(policy, id, this.#now))
        return this.#shown(policy, id);
    }
    return null;
  }

  async #linkOf(token: string): Promise<LinkLook & { readonly id: string }> {
    const { journal } = this.#parts;
    // Another process may have made it, or the very first one, a moment ago.
    if (journal.state.secret === null) await journal.catchUp();
    const claims = readLink(token, journal.secret);
    if (claims === null) {
      this.#parts.refusals.count("wrong-link");
      throw new CodedError("forbidden", "This link was not made by this server, or it was changed.");
    }
    const { room, id, right, expiresAt } = claims;
    if (expiresAt !== null && expiresAt <= this.#now)
      throw new CodedError("expired", "This link's time is over; ask for a new one.");
    if (this.#policy(room)?.links.has(id) !== true) await journal.catchUp();
    const policy = this.#policy(room);
    if (policy === undefined || !isAlive(policy, id, this.#now))
      throw new CodedError("forbidden", "This link was taken back.");
    return { room, id, right, expiresAt, label: policy.links.get(id)?.label ?? "", allows: [] };
  }

  #shown(policy: RoomPolicy, id: string): LinkShown | null {
    const link = policy.links.get(id);
    return link === undefined ? null : linkShown(policy, link, this.#parts.journal.secret, this.#now);
  }

  /** What an act is about is there, and is nobody's word on what was done. */
  async #checkMessage(room: string, act: Act): Promise<void> {
    if (act.kind !== "pin" && act.kind !== "remove") return;
    const { from } = await this.#message(room, act.offset);
    if (from.startsWith("@"))
      throw new CodedError("forbidden", "What the server itself says of the room stays as it is.");
  }

  async #message(room: string, offset: number): Promise<{ readonly from: string }> {
    const { messages } = await this.#parts
      .parlor()
      .room(room)
      .read({ after: offset - 1, limit: 1 });
    const [message] = messages;
    if (message?.offset !== offset)
      throw new CodedError("bad-frame", "There is no such message in this room any more.");
    return message;
  }

  /** What strangers can bring has a bound. */
  #checkPlace(room: string): void {
    if (this.#policy(room) === undefined && this.#parts.journal.isFull) throw this.#full();
  }

  #answered(written: Written): Written {
    const { verdict } = written;
    if (verdict.ok) return written;
    if (verdict.full !== undefined) this.#parts.refusals.count(verdict.full);
    throw new CodedError(verdict.code, verdict.message);
  }

  #full(): CodedError {
    this.#parts.refusals.count("server-full");
    return new CodedError("unavailable", FULL);
  }

  #policy(room: string): RoomPolicy | undefined {
    return this.#parts.journal.state.rooms.get(room);
  }

  get #now(): number {
    return this.#parts.clock.now();
  }
}

const FULL = "This server keeps acts of as many rooms and people as it may; its operator can delete some.";

export function refusal({ code, message, retryAfterMs }: Refusal): CodedError {
  return Object.assign(new CodedError(code, message), retryAfterMs === undefined ? {} : { retryAfterMs });
}
