import { decodeStrictly, encodeMessagesShared, encodeShared, encodeSignals, msgpack } from "@parlor/msgpack";
import {
  decodeClientFrame,
  encodeMessagesFrame,
  OPENED_SUBPROTOCOL,
  SUBPROTOCOL,
  type DecodedClientFrame,
} from "@parlor/protocol";
import type { BatchEncoder } from "../room/encoded-batch.ts";
import type { FramesEncoder } from "../room/shared-frames.ts";
import { openingOf } from "./early-opening.ts";
import { PLAIN_MESSAGES } from "./plain-room.ts";
import { binaryFrame, textFrame, textFrameParts, textFrames } from "./websocket-frame.ts";

/** How frames are said on a WebSocket. One object for each form, since batches keep their bytes by it. */
export interface WebSocketForm {
  readonly isBinary: boolean;
  readonly batches: BatchEncoder;
  readonly frames: FramesEncoder;
  /** One frame whose text lies in several places, to be written in this order. */
  readonly framed: (parts: readonly Buffer[]) => readonly Buffer[];
}

const JSON_FRAMES: FramesEncoder = { encodeFrames: textFrames };

const JSON_FORM: WebSocketForm = {
  isBinary: false,
  batches: { encode: (batch) => textFrame(encodeMessagesFrame(batch.room, batch.after, batch.texts)) },
  frames: JSON_FRAMES,
  framed: textFrameParts,
};

/** What a page without a library is sent. */
export const PLAIN_FORM: WebSocketForm = { ...JSON_FORM, batches: PLAIN_MESSAGES };

/**
 * All else in the server is JSON text: here, at the edge, it is turned into MessagePack, once for all who are sent
 * the same. A batch is read from what the log has, without going through a text of the whole frame.
 */
const MSGPACK_FORM: WebSocketForm = {
  isBinary: true,
  batches: {
    encode: ({ room, after, messages }) => binaryFrame(encodeMessagesShared(room, after, messages)),
    // Beside the text that everybody else is sent; a batch counts the memory of one form.
    isBulky: true,
  },
  frames: {
    encodeFrames: (texts) =>
      texts.length === 1 ? oneFrame(texts[0] as string) : Buffer.concat(texts.map(oneFrame)),
    encodeSignals: ({ room, signals }) => binaryFrame(encodeSignals(room, signals)),
  },
  framed: (parts) => [oneFrame(Buffer.concat(parts).toString("utf8"))],
};

function oneFrame(text: string): Buffer {
  return binaryFrame(encodeShared(text));
}

const FORMS: ReadonlyMap<string, WebSocketForm> = new Map([
  [SUBPROTOCOL, JSON_FORM],
  [OPENED_SUBPROTOCOL, JSON_FORM],
  [msgpack.subprotocol, MSGPACK_FORM],
]);

/**
 * The first of the subprotocols that are offered, best first, that is spoken here; null where none is. That an
 * opening was taken comes before all: it is offered late, for servers that choose the first without knowing it.
 */
export function spokenSubprotocol(offered: Iterable<string>): string | null {
  const names = [...offered];
  if (names.includes(OPENED_SUBPROTOCOL) && openingOf(names) !== null) return OPENED_SUBPROTOCOL;
  return names.find((name) => name !== OPENED_SUBPROTOCOL && FORMS.has(name)) ?? null;
}

export function formOf(subprotocol: string): WebSocketForm {
  return FORMS.get(subprotocol) ?? JSON_FORM;
}

/** A frame of a client in a binary form; as total as its counterpart for texts. */
export function decodeBinaryFrame(bytes: Uint8Array): DecodedClientFrame {
  const decoded = decodeStrictly(bytes);
  if (decoded.ok) return decodeClientFrame(decoded.value);
  return { ok: false, code: "bad-frame", message: `The frame is ${decoded.fault}.`, echo: {} };
}
