import { bodyOf, hasBytes, mayHoldBytes } from "./body-json.ts";
import type { ClientFrame, ClientFrameType } from "./client-frames.ts";
import type { ErrorCode } from "./codes.ts";
import { changeBodies } from "./frame-bodies.ts";
import type { ReceivedFrame } from "./frame-encoding.ts";
import { isJsonObject, jsonFault, parseJson, type JsonObject, type ParsedJson } from "./json.ts";
import { MAX_NESTING, MAX_PAGE_MESSAGES, MAX_STATE_KEY_CHARS } from "./limits.ts";
import { isEpoch, isOffset } from "./position.ts";
import { roomNameFault } from "./room-name.ts";
import { PROTOCOL_VERSION } from "./version.ts";

/** What can be repeated of a question that could not be taken, so that its asker knows which it was. */
export interface Echo {
  readonly to?: string;
  readonly room?: string;
  readonly id?: number;
  readonly seq?: number;
  readonly key?: string;
  readonly producer?: string;
}

export type DecodedClientFrame =
  | { readonly ok: true; readonly frame: ClientFrame }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly echo: Echo };

/** Thrown inside this file only; `decodeClientFrame` itself never throws. */
class Fault {
  readonly code: ErrorCode;
  readonly message: string;
  constructor(code: ErrorCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

/**
 * Reads one frame of a client. Total: any text gives a frame, or a code, a sentence that names the
 * path of what is wrong, and what of the question can be repeated. Its bodies have their bytes as Uint8Array.
 *
 * @param received The text; or what an encoding has read, which is taken and kept.
 */
export function decodeClientFrame(received: ReceivedFrame): DecodedClientFrame {
  const parsed = readValue(received);
  if (!parsed.ok) return refuse("bad-frame", `The frame is ${asFault(parsed.fault)}.`, echoOf(parsed.value));
  const value = parsed.value;
  if (!isJsonObject(value)) return refuse("bad-frame", "A frame is a JSON object with a `type`.", {});
  const type = value["type"];
  if (typeof type !== "string")
    return refuse("bad-frame", "`type` is missing or not a string.", echoOf(value));
  const decode = DECODERS.get(type);
  if (decode === undefined) {
    return refuse("unknown-frame", "No frame of that type is known here.", echoOf(value));
  }
  try {
    return { ok: true, frame: decode(value) };
  } catch (fault) {
    if (fault instanceof Fault) return refuse(fault.code, fault.message, echoOf(value));
    throw fault;
  }
}

function readValue(received: ReceivedFrame): ParsedJson {
  if (typeof received !== "string") {
    const fault = jsonFault(received, MAX_NESTING);
    return fault === null ? { ok: true, value: received } : { ok: false, fault, value: received };
  }
  const parsed = parseJson(received);
  if (parsed.ok && mayHoldBytes(received)) changeBodies(parsed.value, bodyOf);
  return parsed;
}

function refuse(code: ErrorCode, message: string, echo: Echo): DecodedClientFrame {
  return { ok: false, code, message, echo };
}

function asFault(fault: string): string {
  return fault.startsWith("not ") ? fault : `not taken: it has ${fault}`;
}

function echoOf(value: unknown): Echo {
  if (!isJsonObject(value)) return {};
  const { type, room, id, seq, key, producer } = value;
  return {
    ...(typeof type === "string" ? { to: type } : {}),
    ...(typeof room === "string" ? { room } : {}),
    ...(typeof id === "number" && Number.isFinite(id) ? { id } : {}),
    ...(typeof seq === "number" && Number.isFinite(seq) ? { seq } : {}),
    // The `key` of a hello is a secret, and never repeated.
    ...(typeof key === "string" && type === "set" ? { key } : {}),
    ...(type === "publish" && isProducer(producer) ? { producer } : {}),
  };
}

type Decoder = (value: JsonObject) => ClientFrame;

// A Map, so that a type such as "constructor" finds nothing.
const DECODERS: ReadonlyMap<string, Decoder> = new Map<ClientFrameType, Decoder>([
  ["hello", decodeHello],
  ["renew", (value) => ({ type: "renew", token: text(value, "token", 1, 8192) })],
  ["subscribe", decodeSubscribe],
  ["unsubscribe", (value) => ({ type: "unsubscribe", room: room(value) })],
  ["publish", decodePublish],
  ["signal", (value) => ({ type: "signal", room: room(value), body: present(value, "body") })],
  [
    "set",
    (value) => ({
      type: "set",
      room: room(value),
      key: text(value, "key", 1, MAX_STATE_KEY_CHARS),
      value: present(value, "value"),
      ...(value["id"] === undefined ? {} : { id: questionId(value) }),
    }),
  ],
  ["history", decodeHistory],
  [
    "request",
    (value) => ({
      type: "request",
      id: questionId(value),
      method: text(value, "method", 1, 128),
      ...(value["params"] === undefined ? {} : { params: value["params"] }),
    }),
  ],
  ["ping", () => ({ type: "ping" })],
  ["pong", () => ({ type: "pong" })],
]);

/** Whether a frame of that type is one that this version of the protocol knows. */
export function isClientFrameType(type: string): type is ClientFrameType {
  return DECODERS.has(type);
}

const BAD_PRODUCER = "`producer` is 8 to 32 characters of A-Z, a-z, 0-9, _ and -.";
const PRODUCER = /^[A-Za-z0-9_-]{8,32}$/;

/** Whether a text can be a producer's id. */
export function isProducer(value: unknown): value is string {
  return typeof value === "string" && PRODUCER.test(value);
}

/** Whether a text can be the secret that an identity is the hash of. */
export function isIdentityKey(value: unknown): value is string {
  return typeof value === "string" && value.length >= 22 && value.length <= 64 && value.isWellFormed();
}

function decodeHello(value: JsonObject): ClientFrame {
  const version = value["version"];
  if (typeof version !== "number") throw new Fault("bad-frame", "`version` is missing or not a number.");
  if (version !== PROTOCOL_VERSION) {
    throw new Fault(
      "version",
      `This server speaks version ${PROTOCOL_VERSION} of the protocol, not ${version}.`,
    );
  }
  const { key, producer, profile } = value;
  if (key !== undefined && !isIdentityKey(key)) {
    throw new Fault("bad-frame", "`key` is a string of 22 to 64 characters.");
  }
  if (!isProducer(producer)) {
    throw new Fault("bad-frame", BAD_PRODUCER);
  }
  if (profile !== undefined && !isJsonObject(profile))
    throw new Fault("bad-frame", "`profile` is an object.");
  // Nobody would turn them into JSON, which is what others are shown.
  if (hasBytes(profile)) throw new Fault("bad-frame", "`profile` has bytes, which only bodies can.");
  return {
    type: "hello",
    version,
    producer,
    ...(key === undefined ? {} : { key }),
    ...(value["token"] === undefined ? {} : { token: text(value, "token", 1, 8192) }),
    ...(profile === undefined ? {} : { profile }),
  };
}

function decodeSubscribe(value: JsonObject): ClientFrame {
  const name = room(value);
  const last = optionalCount(value, "last", 0, MAX_PAGE_MESSAGES);
  const after = optionalOffset(value, "after", 0);
  const epoch = value["epoch"];
  if (last !== undefined && after !== undefined) {
    throw new Fault("bad-frame", "`last` joins and `after` resumes; a subscribe has one of them.");
  }
  if (epoch !== undefined && !isEpoch(epoch)) {
    throw new Fault("bad-frame", "`epoch` is 1 to 64 characters of A-Z, a-z, 0-9, ., _ and -.");
  }
  const atMost = optionalOffset(value, "atMost", 0);
  const signals = value["signals"];
  if (signals !== undefined && typeof signals !== "boolean" && signals !== "batched")
    throw new Fault("bad-frame", '`signals` is true, false or "batched".');
  const heard = value["heard"] === undefined ? undefined : text(value, "heard", 1, 64);
  const presence = trueOrVersion(value, "presence");
  const state = trueOrVersion(value, "state");
  return {
    type: "subscribe",
    room: name,
    ...(last === undefined ? {} : { last }),
    ...(after === undefined ? {} : { after }),
    ...(epoch === undefined ? {} : { epoch }),
    ...(atMost === undefined ? {} : { atMost }),
    ...(presence === undefined ? {} : { presence }),
    ...(signals === undefined ? {} : { signals }),
    ...(heard === undefined ? {} : { heard }),
    ...(state === undefined ? {} : { state }),
  };
}

function decodePublish(value: JsonObject): ClientFrame {
  const name = room(value);
  const seq = value["seq"];
  if (!isOffset(seq) || seq === 0) throw new Fault("bad-frame", "`seq` is a whole number from 1.");
  const afterSeq = optionalOffset(value, "afterSeq", 0);
  if (afterSeq !== undefined && afterSeq >= seq)
    throw new Fault("bad-frame", "`afterSeq` is smaller than `seq`.");
  const re = optionalOffset(value, "re", 1);
  const { producer } = value;
  if (producer !== undefined && !isProducer(producer)) throw new Fault("bad-frame", BAD_PRODUCER);
  return {
    type: "publish",
    room: name,
    seq,
    body: present(value, "body"),
    ...(afterSeq === undefined ? {} : { afterSeq }),
    ...(re === undefined ? {} : { re }),
    ...(producer === undefined ? {} : { producer }),
  };
}

function decodeHistory(value: JsonObject): ClientFrame {
  const id = questionId(value);
  const name = room(value);
  const before = optionalOffset(value, "before", 0);
  const limit = optionalCount(value, "limit", 1, MAX_PAGE_MESSAGES);
  const related = value["related"];
  if (related !== undefined && typeof related !== "boolean")
    throw new Fault("bad-frame", "`related` is true or false.");
  return {
    type: "history",
    id,
    room: name,
    ...(before === undefined ? {} : { before }),
    ...(limit === undefined ? {} : { limit }),
    ...(related === undefined ? {} : { related }),
  };
}

function room(value: JsonObject): string {
  const name = value["room"];
  if (name === undefined) throw new Fault("bad-frame", "`room` is missing.");
  const fault = roomNameFault(name);
  if (fault !== null) throw new Fault("bad-room", `\`room\` is refused: ${fault}.`);
  return name as string;
}

function questionId(value: JsonObject): number {
  const id = value["id"];
  if (!Number.isInteger(id) || (id as number) < 1 || (id as number) > 2 ** 31 - 1) {
    throw new Fault("bad-frame", "`id` is a whole number from 1 to 2147483647.");
  }
  return id as number;
}

function text(value: JsonObject, name: string, min: number, max: number): string {
  const member = value[name];
  if (typeof member !== "string" || member.length < min || member.length > max) {
    throw new Fault("bad-frame", `\`${name}\` is a string of ${min} to ${max} characters.`);
  }
  return member;
}

function present(value: JsonObject, name: string): unknown {
  if (!Object.hasOwn(value, name)) throw new Fault("bad-frame", `\`${name}\` is missing.`);
  return value[name];
}

function optionalOffset(value: JsonObject, name: string, min: number): number | undefined {
  const member = value[name];
  if (member === undefined) return undefined;
  if (!isOffset(member) || member < min) {
    throw new Fault("bad-frame", `\`${name}\` is a whole number from ${min} to 2^53 - 1.`);
  }
  return member;
}

function optionalCount(value: JsonObject, name: string, min: number, max: number): number | undefined {
  const member = value[name];
  if (member === undefined) return undefined;
  if (!isOffset(member) || member < min || member > max) {
    throw new Fault("bad-frame", `\`${name}\` is a whole number from ${min} to ${max}.`);
  }
  return member;
}

function trueOrVersion(value: JsonObject, name: string): boolean | number | undefined {
  const member = value[name];
  if (member === undefined || typeof member === "boolean" || isOffset(member)) return member;
  throw new Fault("bad-frame", `\`${name}\` is true, false or the version last seen.`);
}
