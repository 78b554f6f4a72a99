import { bodyOf, mayHoldBytes } from "./body-json.ts";
import { changeBodies } from "./frame-bodies.ts";
import type { ReceivedFrame } from "./frame-encoding.ts";
import { isJsonObject, parseJson, type JsonObject } from "./json.ts";
import { MAX_NESTING } from "./limits.ts";
import type { Message, ServerFrame, ServerFrameType } from "./server-frames.ts";

export type DecodedServerFrame =
  | { readonly ok: true; readonly frame: ServerFrame }
  /** A type that this version does not know: to be ignored. */
  | { readonly ok: false; readonly unknownType: string }
  /** Not a frame of this protocol: the connection is not to be trusted further. */
  | { readonly ok: false; readonly unknownType: null; readonly fault: string };

/**
 * Reads one frame of a server. Total, like its counterpart. It checks what a client builds on (the
 * members that decide about order, loss and settlement), so that a broken proxy is found here.
 *
 * @param received The text; or what an encoding has read, which is taken and kept.
 */
export function decodeServerFrame(received: ReceivedFrame): DecodedServerFrame {
  const isText = typeof received === "string";
  const parsed = isText
    ? parseJson(received, MAX_NESTING + ENVELOPE_LEVELS)
    : { ok: true as const, value: received };
  if (!parsed.ok) return { ok: false, unknownType: null, fault: `The frame is ${parsed.fault}.` };
  const value = parsed.value;
  if (!isJsonObject(value) || typeof value["type"] !== "string") {
    return { ok: false, unknownType: null, fault: "A frame is a JSON object with a `type`." };
  }
  const type = value["type"];
  const members = MEMBERS.get(type);
  if (members === undefined) return { ok: false, unknownType: type };
  for (const [name, check] of members) {
    if (!check(value[name])) {
      return {
        ok: false,
        unknownType: null,
        fault: `\`${name}\` of a \`${type}\` frame is missing or malformed.`,
      };
    }
  }
  if (isText && mayHoldBytes(received)) changeBodies(value, bodyOf);
  return { ok: true, frame: value as unknown as ServerFrame };
}

/** Levels that a server's frame may stand around a body, generously counted. */
const ENVELOPE_LEVELS = 16;

type Check = (value: unknown) => boolean;

const string: Check = (value) => typeof value === "string";
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const boolean: Check = (value) => typeof value === "boolean";
const objectOrNull: Check = (value) => value === null || isJsonObject(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const message = (value: unknown): value is Message =>
  isJsonObject(value) && count(value["offset"]) && string(value["from"]) && Object.hasOwn(value, "body");

/** Messages rise strictly; anything else would break the chain within a frame. */
const risingMessages: Check = (value) => {
  if (!Array.isArray(value)) return false;
  let last = 0;
  for (const item of value) {
    if (!message(item) || item.offset <= last) return false;
    last = item.offset;
  }
  return true;
};

const MEMBERS: ReadonlyMap<string, readonly (readonly [string, Check])[]> = new Map<
  ServerFrameType,
  readonly (readonly [string, Check])[]
>([
  [
    "welcome",
    [
      ["version", count],
      ["identity", string],
      ["heartbeatMs", count],
      ["limits", (value: unknown): value is JsonObject => isJsonObject(value)],
    ],
  ],
  [
    "subscribed",
    [
      ["room", string],
      ["epoch", string],
      ["after", count],
      ["head", count],
      ["earliest", count],
      ["lost", objectOrNull],
      ["skipped", objectOrNull],
    ],
  ],
  ["unsubscribed", [["room", string]]],
  [
    "messages",
    [
      ["room", string],
      ["after", count],
      ["messages", risingMessages],
    ],
  ],
  [
    "ack",
    [
      ["room", string],
      ["seq", count],
      ["offset", optional(count)],
    ],
  ],
  [
    "refused",
    [
      ["room", string],
      ["seq", count],
      ["code", string],
      ["message", string],
    ],
  ],
  [
    "signal",
    [
      ["room", string],
      ["from", string],
    ],
  ],
  [
    "signals",
    [
      ["room", string],
      ["signals", Array.isArray],
    ],
  ],
  [
    "state",
    [
      ["room", string],
      ["version", count],
      ["entries", isJsonObject],
    ],
  ],
  [
    "presence",
    [
      ["room", string],
      ["version", count],
      ["count", count],
    ],
  ],
  [
    "history",
    [
      ["id", count],
      ["room", string],
      ["messages", risingMessages],
      ["more", boolean],
    ],
  ],
  ["reply", [["id", count]]],
  [
    "error",
    [
      ["code", string],
      ["message", string],
    ],
  ],
  ["bye", [["code", string]]],
  ["ping", []],
  ["pong", []],
]);
