import type { JsonObject } from "./json.ts";

/** A frame as it came: JSON text, or what a `FrameEncoding` has read. */
export type ReceivedFrame = string | JsonObject;

/**
 * The port of a binary form of the protocol, beside JSON: the same frames, each in one binary WebSocket message.
 *
 * Contract:
 *  - `decode(encode(text))` is what `decodeClientFrame` or `decodeServerFrame` takes in the place of `text`, and
 *    reads likewise, but for bytes: where the text has a body's JSON form of them (`bodyToJson`), it has a
 *    `Uint8Array`, which shares no memory with what was decoded.
 *  - `decode` is total, in time and memory that the length of the message bounds: whatever bytes come are a
 *    value, or a fault in words.
 *  - `encode` takes the text of any frame. It is asked once for all who are sent the same.
 *
 * @parlor/msgpack has the one that Parlor's server speaks.
 */
export interface FrameEncoding {
  /** What a client offers and a server takes in `Sec-WebSocket-Protocol`. */
  readonly subprotocol: string;
  encode(text: string): Uint8Array<ArrayBuffer>;
  decode(bytes: Uint8Array): DecodedBytes;
}

export type DecodedBytes =
  | { readonly ok: true; readonly value: JsonObject }
  /** What the bytes are: "not valid MessagePack". */
  | { readonly ok: false; readonly fault: string };
