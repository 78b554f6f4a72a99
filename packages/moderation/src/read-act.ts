/** What a page asks for, looked at: it may be anything that JSON can say. */
import { CodedError } from "@parlor/base";
import { isJsonObject, isOffset, isReservedRoom, roomNameFault } from "@parlor/protocol";
import { readRange } from "./address-marks.ts";
import { isRight } from "./rights.ts";
import { EVERYWHERE } from "./act-record.ts";
import type { Act, Mode, Reason } from "./shapes.ts";

const ID = /^[A-Za-z0-9_-]{8,32}$/;
const KEY = /^[A-Za-z0-9_-]{22}$/;
const MODES: readonly unknown[] = ["open", "read-only", "link-only"] satisfies readonly Mode[];
const REASONS: readonly unknown[] = ["spam", "abuse", "illegal", "other"] satisfies readonly Reason[];

const MAX_SLOW_MS = 3_600_000;
const MAX_FOR_MS = 315_360_000_000;
const MAX_LABEL = 60;
const MAX_WORDS = 500;
const MAX_IDENTITY = 128;

type Params = Readonly<Record<string, unknown>>;

export function readParams(params: unknown): Params {
  if (!isJsonObject(params)) throw bad("what is asked is an object");
  return params;
}

/** @param everywhere whether it may be all rooms. */
export function readRoom({ room }: Params, everywhere = false): string {
  if (typeof room !== "string") throw bad("`room` is a room's name");
  if (everywhere && room === EVERYWHERE) return room;
  const fault = roomNameFault(room);
  if (fault !== null) throw new CodedError("bad-room", `Not a room: ${fault}.`);
  if (isReservedRoom(room))
    throw new CodedError("forbidden", "Rooms whose name begins with @ are the server's own.");
  return room;
}

export function readToken({ link }: Params): string {
  if (typeof link !== "string" || link === "")
    throw bad("`link` is what stands behind `#link=` in an address");
  return link;
}

export function readId({ id }: Params): string {
  if (typeof id !== "string" || !ID.test(id))
    throw bad("`id` is 8 to 32 characters of A-Z, a-z, 0-9, _ and -");
  return id;
}

export interface AskedReport {
  readonly offset: number;
  readonly reason: Reason;
  readonly words: string;
}

export function readReport({ offset, reason, words = "" }: Params): AskedReport {
  if (!REASONS.includes(reason)) throw bad("`reason` is spam, abuse, illegal or other");
  return { offset: offsetOf(offset), reason: reason as Reason, words: textOf("words", words, MAX_WORDS) };
}

/** @throws {CodedError} `bad-frame` */
export function readAct(given: unknown): Act {
  if (!isJsonObject(given)) throw bad("`act` is an object with a `kind`");
  const { kind } = given;
  switch (kind) {
    case "pin":
    case "unpin":
    case "remove":
      return { kind, offset: offsetOf(given["offset"]) };
    case "mode":
      if (!MODES.includes(given["mode"])) throw bad("`mode` is open, read-only or link-only");
      return { kind, mode: given["mode"] as Mode };
    case "lock":
    case "screen":
      return { kind, on: flagOf("on", given["on"]) };
    case "slow":
      return { kind, ms: spanOf("ms", given["ms"], 0, MAX_SLOW_MS) };
    case "mute":
      return { kind, identity: identityOf(given["identity"]), forMs: forMsOf(given["forMs"]) };
    case "ban":
      return {
        kind,
        identity: identityOf(given["identity"]),
        forMs: forMsOf(given["forMs"]),
        address: given["address"] === "wide" ? "wide" : flagOf("address", given["address"] ?? false),
      };
    case "unmute":
    case "unban":
    case "clear":
      return { kind, identity: identityOf(given["identity"]) };
    case "link":
      if (!isRight(given["right"])) throw bad("`right` is owner, moderator, poster or reader");
      return {
        kind,
        right: given["right"],
        forMs: forMsOf(given["forMs"]),
        label: textOf("label", given["label"] ?? "", MAX_LABEL),
      };
    case "revoke":
      return { kind, link: keyOf("link", given["link"]) };
    case "decide": {
      const { verdict } = given;
      if (verdict !== "dismiss" && verdict !== "remove") throw bad("`verdict` is dismiss or remove");
      return { kind, offset: offsetOf(given["offset"]), verdict };
    }
    case "let-through":
    case "drop":
      return { kind, held: keyOf("held", given["held"]) };
    case "ban-range":
      return { kind, range: rangeOf(given["range"]), forMs: forMsOf(given["forMs"]) };
    case "unban-range":
      return { kind, range: rangeOf(given["range"]) };
    default:
      throw bad("there is no act of that `kind`");
  }
}

function bad(sentence: string): CodedError {
  return new CodedError("bad-frame", `That is refused: ${sentence}.`);
}

function offsetOf(value: unknown): number {
  if (!isOffset(value) || value === 0) throw bad("`offset` is a message's offset, a whole number from 1");
  return value;
}

function flagOf(name: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw bad(`\`${name}\` is true or false`);
  return value;
}

function spanOf(name: string, value: unknown, min: number, max: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
    throw bad(`\`${name}\` is a whole number of ms from ${min} to ${max}`);
  }
  return value as number;
}

/** Nothing given is for ever, as null is. */
function forMsOf(value: unknown): number | null {
  return value === null || value === undefined ? null : spanOf("forMs", value, 1, MAX_FOR_MS);
}

function textOf(name: string, value: unknown, max: number): string {
  if (typeof value !== "string" || value.length > max || !value.isWellFormed()) {
    throw bad(`\`${name}\` is a text of up to ${max} characters`);
  }
  return value;
}

function identityOf(value: unknown): string {
  if (typeof value !== "string" || value === "" || value.length > MAX_IDENTITY || !value.isWellFormed()) {
    throw bad("`identity` is the `from` of that person's messages");
  }
  return value;
}

function keyOf(name: string, value: unknown): string {
  if (typeof value !== "string" || !KEY.test(value)) throw bad(`\`${name}\` is the id of one`);
  return value;
}

function rangeOf(value: unknown): string {
  const read = typeof value === "string" ? readRange(value) : { fault: "it is a text" };
  if (read.fault !== undefined) throw bad(`\`range\`: ${read.fault}`);
  return read.range;
}
