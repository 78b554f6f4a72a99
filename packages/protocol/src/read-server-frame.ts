import type { ReceivedFrame } from "./frame-encoding.ts";
import { isInBounds, isJsonObject } from "./json.ts";
import { MAX_NESTING } from "./limits.ts";
import type { Message, ServerFrame, ServerFrameType } from "./server-frames.ts";

export type DecodedServerFrame =
  | { readonly ok: true; readonly frame: ServerFrame }
  /** A type that this version does not know: to be ignored. */
  | { readonly ok: false; readonly unknownType: string }
  /** Not a frame of this protocol: the connection is not to be trusted further. */
  | { readonly ok: false; readonly unknownType: null; readonly fault: string };

/**
 * Reads one frame of a server, of those that are known. Total, like its counterpart. It checks what a client builds
 * on (the members that decide about order, loss and settlement), so that a broken proxy is found here. Bodies are as
 * they came: bytes in a text have their JSON form.
 */
function readFrame(received: ReceivedFrame, known: KnownFrames): DecodedServerFrame {
  let value: unknown = received;
  try {
    if (typeof received === "string") value = JSON.parse(received);
  } catch {
    value = null;
  }
  const frame = isJsonObject(value) ? value : {};
  const { type } = frame;
  if (typeof type !== "string") return broken("A frame is a JSON object with a `type`.");
  if (!Object.hasOwn(known, type)) return { ok: false, unknownType: type };
  for (const [name, check] of Object.entries(known[type] ?? {}))
    if (!check(frame[name])) return broken(`\`${name}\` of a \`${type}\` frame is missing or malformed.`);
  return { ok: true, frame: value as ServerFrame };
}

/** Reads what comes to who listens to rooms and publishes there; any other frame is as one that is unknown. */
export function readRoomFrame(received: ReceivedFrame): DecodedServerFrame {
  return readFrame(received, ROOM_FRAMES);
}

/** Reads any frame, and takes no text for one that its bodies would not survive as values. */
export function readServerFrame(received: ReceivedFrame): DecodedServerFrame {
  const read = readFrame(received, ALL_FRAMES);
  if (!read.ok || typeof received !== "string" || isInBounds(read.frame, MAX_LEVELS)) return read;
  return broken(`The frame has a number beyond the doubles or nesting deeper than ${MAX_LEVELS}.`);
}

function broken(fault: string): DecodedServerFrame {
  return { ok: false, unknownType: null, fault };
}

/** A body's, and those that a server's frame may have around it, generously counted. */
const MAX_LEVELS = MAX_NESTING + 16;

type Check = (value: unknown) => boolean;
type Members = Readonly<Record<string, Check>>;
type KnownFrames = Readonly<Record<string, Members>>;

const string: Check = (value) => typeof value === "string";
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const boolean: Check = (value) => typeof value === "boolean";
const objectOrNull: Check = (value) => value === null || isJsonObject(value);

const message = (value: unknown): value is Message =>
  isJsonObject(value) && count(value["offset"]) && string(value["from"]) && Object.hasOwn(value, "body");

/** Messages rise strictly; anything else would break the chain within a frame. */
const messages: Check = (value) => {
  let last = 0;
  return Array.isArray(value) && value.every((item) => message(item) && last < (last = item.offset));
};

/** What of each frame a client builds on. */
const ROOM_FRAMES = {
  welcome: { version: count, identity: string, heartbeatMs: count, limits: isJsonObject },
  subscribed: {
    room: string,
    epoch: string,
    after: count,
    head: count,
    earliest: count,
    lost: objectOrNull,
    skipped: objectOrNull,
  },
  unsubscribed: { room: string },
  messages: { room: string, after: count, messages },
  ack: { room: string, seq: count, offset: (value) => value === undefined || count(value) },
  refused: { room: string, seq: count, code: string, message: string },
  history: { id: count, room: string, messages, more: boolean },
  error: { code: string, message: string },
  bye: { code: string },
  ping: {},
  pong: {},
} satisfies KnownFrames;

const ALL_FRAMES: Readonly<Record<ServerFrameType, Members>> = {
  ...ROOM_FRAMES,
  signal: { room: string, from: string },
  signals: { room: string, signals: Array.isArray },
  state: { room: string, version: count, entries: isJsonObject },
  presence: { room: string, version: count, count },
  reply: { id: count },
};
