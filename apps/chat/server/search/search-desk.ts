import { type Clock, CodedError, TokenBucket } from "@parlor/base";
import { isJsonObject, isOffset, isReservedRoom, roomNameFault } from "@parlor/protocol";
import type { RequestHandlers, RequestQuestion } from "@parlor/server";
import type { SearchAnswer, SearchQuestion } from "./search-query.ts";
import type { ReadUpTo, RoomUnread, UnreadQuestion } from "./unread-query.ts";

const MAX_TEXT = 200;
const MAX_ROOMS = 200;
const MAX_HITS = 50;
const DEFAULT_HITS = 20;

/** Searches of one identity: so many a second, and at once. As somebody types there are up to six. */
const PER_SECOND = 10;
const BURST = 20;
const MAX_BUCKETS = 10_000;
const MAX_RUNNING_OF_IDENTITY = 2;
/** Of all: they wait for one thread, so this is how long the last of them waits. */
const MAX_RUNNING = 32;

export interface SearchDeskParts {
  readonly search: (question: SearchQuestion) => Promise<SearchAnswer>;
  readonly unread: (question: UnreadQuestion) => Promise<readonly RoomUnread[]>;
  /** Whether somebody may read a room from where they come. */
  readonly mayRead: (asker: Pick<RequestQuestion, "identity" | "address">, room: string) => boolean;
  readonly clock: Clock;
}

/**
 * What answers `client.request("search", …)` and `client.request("unread", …)`: looks at what was asked, leaves out the
 * rooms that whoever asks may not read, and holds to the rates, which are one for both.
 *
 *     {"text":"tea \"green tea\" je","rooms":["lobby"],"from":"<identity>","since":0,"until":1763822400000,"limit":20}
 *     {"name":"Ada","rooms":[{"room":"lobby","epoch":"…","offset":17}]}
 */
export class SearchDesk {
  readonly #parts: SearchDeskParts;
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #running = new Map<string, number>();
  #all = 0;
  /** Fulfils when those before have had their turn: there is one thread, and who waits for it may go. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: SearchDeskParts) {
    this.#parts = parts;
  }

  /** For `Parlor`'s option of that name. */
  get requests(): RequestHandlers {
    return { search: (question) => this.answer(question), unread: (question) => this.unread(question) };
  }

  /** Searches that wait or are worked on. */
  get running(): number {
    return this.#all;
  }

  /** @throws {CodedError} `bad-frame`, `rate-limited`, `unavailable` */
  answer({ params, identity, address, signal }: RequestQuestion): Promise<SearchAnswer> {
    const question = readQuestion(params);
    const rooms = question.rooms.filter((room) => this.#mayRead({ identity, address }, room));
    return this.#inTurn(identity, signal, () => this.#parts.search({ ...question, rooms }));
  }

  /** What is unread of rooms, of those that were read by the reader. @throws {CodedError} as `answer` */
  unread({ params, identity, address, signal }: RequestQuestion): Promise<readonly RoomUnread[]> {
    const { name, rooms: asked } = readUnread(params);
    const rooms = asked.filter(({ room }) => this.#mayRead({ identity, address }, room));
    return this.#inTurn(identity, signal, () => this.#parts.unread({ name, rooms, identity }));
  }

  #mayRead(asker: Pick<RequestQuestion, "identity" | "address">, room: string): boolean {
    return !isReservedRoom(room) && this.#parts.mayRead(asker, room);
  }

  async #inTurn<Answer>(identity: string, signal: AbortSignal, ask: () => Promise<Answer>): Promise<Answer> {
    this.#admit(identity);
    const mine = this.#running.get(identity) ?? 0;
    this.#running.set(identity, mine + 1);
    this.#all += 1;
    try {
      const answer = this.#turn.then(() => {
        // Whoever typed on has gone by now.
        if (signal.aborted) throw new CodedError("deadline", "Nobody waits for this search any more.");
        return ask();
      });
      this.#turn = answer.catch(() => undefined);
      return await answer;
    } finally {
      this.#all -= 1;
      const left = (this.#running.get(identity) ?? 1) - 1;
      if (left > 0) this.#running.set(identity, left);
      else this.#running.delete(identity);
    }
  }

  #admit(identity: string): void {
    const nowMs = this.#parts.clock.monotonic();
    let bucket = this.#buckets.get(identity);
    this.#buckets.delete(identity);
    bucket ??= new TokenBucket(PER_SECOND, BURST, nowMs);
    this.#buckets.set(identity, bucket);
    if (this.#buckets.size > MAX_BUCKETS) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    if (!bucket.take(nowMs) || (this.#running.get(identity) ?? 0) >= MAX_RUNNING_OF_IDENTITY) {
      throw refusal(
        "rate-limited",
        `One identity may search ${PER_SECOND} times a second, and twice at a time.`,
      );
    }
    if (this.#all >= MAX_RUNNING) throw refusal("unavailable", "Too many searches wait; try again.");
  }
}

function refusal(code: string, message: string): CodedError {
  return Object.assign(new CodedError(code, message), { retryAfterMs: 500 });
}

function readQuestion(params: unknown): SearchQuestion {
  if (!isJsonObject(params)) throw bad("what is looked for is an object");
  const { text = "", rooms, from = null, since = null, until = null, limit = DEFAULT_HITS } = params;
  if (typeof text !== "string" || text.length > MAX_TEXT)
    throw bad(`\`text\` is a string of up to ${MAX_TEXT} characters`);
  if (!Array.isArray(rooms) || rooms.length === 0 || rooms.length > MAX_ROOMS || !rooms.every(isRoom)) {
    throw bad(`\`rooms\` is a list of 1 to ${MAX_ROOMS} rooms' names`);
  }
  if (from !== null && (typeof from !== "string" || from === "" || from.length > 128))
    throw bad("`from` is an identity");
  if (!isTime(since) || !isTime(until)) throw bad("`since` and `until` are milliseconds since 1970");
  if (!Number.isSafeInteger(limit) || (limit as number) < 1 || (limit as number) > MAX_HITS) {
    throw bad(`\`limit\` is a whole number from 1 to ${MAX_HITS}`);
  }
  return { text, rooms: [...new Set(rooms)], from, since, until, limit: limit as number };
}

function readUnread(params: unknown): Pick<UnreadQuestion, "name" | "rooms"> {
  if (!isJsonObject(params)) throw badUnread("what is asked for is an object");
  const { name = null, rooms } = params;
  if (name !== null && (typeof name !== "string" || name.length > MAX_TEXT))
    throw badUnread(`\`name\` is a string of up to ${MAX_TEXT} characters`);
  if (!Array.isArray(rooms) || rooms.length > MAX_ROOMS || !rooms.every(isReadUpTo))
    throw badUnread(
      `\`rooms\` is a list of up to ${MAX_ROOMS} rooms, each with the epoch and offset up to which it was read`,
    );
  return { name, rooms };
}

function isReadUpTo(value: unknown): value is ReadUpTo {
  if (!isJsonObject(value)) return false;
  const { room, epoch, offset } = value;
  return isRoom(room) && typeof epoch === "string" && epoch.length <= 128 && isOffset(offset);
}

function bad(sentence: string): CodedError {
  return new CodedError("bad-frame", `The search is refused: ${sentence}.`);
}

function badUnread(sentence: string): CodedError {
  return new CodedError("bad-frame", `What is unread is not told: ${sentence}.`);
}

function isRoom(value: unknown): value is string {
  return typeof value === "string" && roomNameFault(value) === null;
}

/** The latest time that an id of the index can have. */
const MAX_TIME = 8_640_000_000_000;

function isTime(value: unknown): value is number | null {
  return value === null || (typeof value === "number" && value >= 0 && value <= MAX_TIME);
}
