import { Decoder, Encoder } from "@msgpack/msgpack";
import {
  bodyFromJson,
  bodyOf,
  changeBodies,
  isJsonObject,
  MAX_NESTING,
  mayHoldBytes,
  socketEncoding,
  SUBPROTOCOL,
  type DecodedBytes,
  type EncodableMessage,
  type JsonObject,
  type SocketEncoding,
} from "@parlor/protocol";
import { MemberNames } from "./member-names.ts";
import { Settling, withoutProto } from "./members.ts";
import { packFrame, unpackFrame } from "./packed-frame.ts";
import { survey } from "./survey.ts";

/** Levels that a frame may stand around a body, generously counted, with those of its packing. */
const ENVELOPE_LEVELS = 18;
const MAX_LEVELS = MAX_NESTING + ENVELOPE_LEVELS;

const encoder = new Encoder({ ignoreUndefined: true, maxDepth: MAX_LEVELS + 1 });
const decoder = new Decoder({ keyDecoder: new MemberNames() });

/**
 * The binary form of the protocol that Parlor's server speaks beside JSON, under the subprotocol
 * `parlor.v1.msgpack`: MessagePack, with repeated ids in a table and bytes as bytes. For
 * `new ParlorClient(url, { encoding: msgpack })`.
 */
export const msgpack: SocketEncoding = socketEncoding({
  subprotocol: `${SUBPROTOCOL}.msgpack`,
  encode: (text) => encoder.encode(packText(text)),
  decode: (bytes) => decode(bytes, false),
});

/** As `decode` of `msgpack`, for what strangers say: no member may stand twice in one object. */
export function decodeStrictly(bytes: Uint8Array): DecodedBytes {
  return decode(bytes, true);
}

/** As `encode`, in memory that is the encoder's: to be copied before anything else is encoded. */
export function encodeShared(text: string): Uint8Array {
  return encoder.encodeSharedRef(packText(text));
}

/** A `messages` frame of messages whose bodies are JSON text, likewise. */
export function encodeMessagesShared(
  room: string,
  after: number,
  messages: readonly EncodableMessage[],
): Uint8Array {
  const unfolded = messages.map(({ offset, from, producer, seq, at, re, bodyJson }) => {
    const message: Record<string, unknown> = { offset, from, producer, seq, at, body: null };
    if (re !== undefined) message["re"] = re;
    if (bodyJson === null) message["redacted"] = true;
    else message["body"] = readBody(bodyJson);
    return message;
  });
  return encoder.encodeSharedRef(packFrame({ type: "messages", room, after, messages: unfolded }));
}

/** A body, from its JSON text. */
export function encodeBody(json: string): Uint8Array {
  return encoder.encode(readBody(json));
}

/** A text or a number. */
export function encodeValue(value: string | number): Uint8Array {
  return encoder.encode(value);
}

function readBody(json: string): unknown {
  const body = bodyFromJson(wellFormed(json));
  return json.includes("__proto__") ? withoutProto(body) : body;
}

function packText(text: string): unknown {
  const frame: unknown = JSON.parse(wellFormed(text));
  if (!isJsonObject(frame)) return frame;
  if (mayHoldBytes(text)) changeBodies(frame, bodyOf);
  const packed = packFrame(frame);
  return text.includes("__proto__") ? withoutProto(packed) : packed;
}

/** UTF-8 has no half characters; JSON text, as `JSON.stringify` writes it, has them escaped. */
function wellFormed(json: string): string {
  if (!/\\ud[89a-f]/i.test(json)) return json;
  // A backslash that is escaped takes the next one with it.
  return json.replaceAll(/\\\\|\\ud[89a-f]../gi, (escape) => (escape === "\\\\" ? escape : "\ufffd"));
}

function decode(bytes: Uint8Array, isStrict: boolean): DecodedBytes {
  const seen = survey(bytes, MAX_LEVELS);
  if (typeof seen === "string") return { ok: false, fault: seen };
  let value: unknown;
  try {
    value = decoder.decode(bytes);
  } catch {
    // All else was looked at before: it is the name that the library takes for an attack.
    return { ok: false, fault: "not taken: it has a member __proto__" };
  }
  if (!isJsonObject(value) || value instanceof Uint8Array) {
    return { ok: false, fault: "no object with a `type`" };
  }
  if (seen.isPlain && !isStrict) return { ok: true, value: unpackFrame(value) };
  const settling = new Settling();
  const frame = settling.settle(value) as JsonObject;
  if (isStrict && settling.members !== seen.members) {
    return { ok: false, fault: "not taken: it has a member twice in one object" };
  }
  return { ok: true, value: unpackFrame(frame) };
}
