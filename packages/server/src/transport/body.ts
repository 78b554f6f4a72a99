/**
 * Reads a request's body: whole, bounded, as UTF-8.
 *
 * A form of another site can send `text/plain` and forms without asking anybody; so only the JSON types
 * are taken, since a browser asks before it sends those (docs/protocol.md, REST-22). Forms are read where
 * the page that sends them was looked at first (`formOriginFault`), and nowhere else.
 */
import type { IncomingMessage } from "node:http";
import type { BodyPlace, BodyPlaces } from "../session/body-places.ts";
import type { HttpError } from "./http-answer.ts";

export type BodyResult =
  | { readonly kind: "text"; readonly text: string }
  /** Answer with `answerErrorUnread` where `isUnread`, since more of the body may come. */
  | { readonly kind: "refused"; readonly error: HttpError; readonly isUnread: boolean }
  /** The peer went away: there is nobody to answer. */
  | { readonly kind: "aborted" };

/** Media types that a body may have. */
export interface BodyTypes {
  readonly types: ReadonlySet<string>;
  /** As a sentence names them. */
  readonly words: string;
}

const JSON_BODY: BodyTypes = {
  types: new Set(["application/json", "application/x-ndjson"]),
  words: "application/json or application/x-ndjson",
};

export const FORM_BODY: BodyTypes = {
  types: new Set(["application/x-www-form-urlencoded"]),
  words: "application/x-www-form-urlencoded",
};

/** Bytes held ready before the first chunk, whatever length a peer announces. */
const FIRST_BYTES = 16_384;

/** Of an announced length so much must have come, one part in so many, before as much is held ready. */
const BELIEVED_PART = 8;

/** Why this body is not taken, before a byte of it is read; null where it may be. */
export function bodyHeadFault(
  request: IncomingMessage,
  maxBytes: number,
  accepted: BodyTypes = JSON_BODY,
): HttpError | null {
  const { "content-type": type, "content-encoding": encoding, "content-length": length } = request.headers;
  if (!isAccepted(type, accepted)) {
    return {
      code: "bad-frame",
      status: 415,
      message: `The body must come with content-type: ${accepted.words}, in UTF-8.`,
    };
  }
  if (encoding !== undefined && encoding.trim().toLowerCase() !== "identity") {
    return { code: "bad-frame", status: 415, message: "The body must come without a content-encoding." };
  }
  if (length !== undefined && Number(length) > maxBytes) return tooLarge(maxBytes);
  return null;
}

/** Who sends a body, and the places that large ones wait for. */
export interface BodySender {
  readonly address: string;
  readonly places: BodyPlaces;
}

/** Reads the body. Never rejects. Stops reading at the first byte over `maxBytes`. */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  { address, places }: BodySender,
  accepted: BodyTypes = JSON_BODY,
): Promise<BodyResult> {
  const fault = bodyHeadFault(request, maxBytes, accepted);
  if (fault !== null) return Promise.resolve({ kind: "refused", error: fault, isUnread: true });
  if (request.readableEnded) {
    const message = "The body was read by another handler before this one.";
    return Promise.resolve({ kind: "refused", error: { code: "internal", message }, isUnread: false });
  }
  if (request.destroyed) return Promise.resolve({ kind: "aborted" });
  return new Promise((resolve) => {
    const announced = Number(request.headers["content-length"] ?? Number.NaN);
    // One buffer that doubles: a list of chunks would let a peer who sends single bytes make an object of
    // a hundred bytes out of each of them. It doubles seldom, since collecting what is thrown away holds
    // up everybody.
    let buffer: Buffer = Buffer.allocUnsafe(Math.min(FIRST_BYTES, maxBytes));
    let bytes = 0;
    let place: BodyPlace | null = null;
    let isPlaced = false;
    const settle = (result: BodyResult): void => {
      place?.leave();
      request.off("data", take).off("end", finish).off("close", abort).off("error", abort);
      resolve(result);
    };
    const take = (chunk: Buffer): void => {
      const needed = bytes + chunk.length;
      if (needed > maxBytes) {
        request.pause();
        settle({ kind: "refused", error: tooLarge(maxBytes), isUnread: true });
        return;
      }
      if (needed > places.freeBytes && !isPlaced) {
        // Nothing more comes before it has its place. Put back, the piece keeps a body that is all there from
        // ending, which it does behind its last piece although it is paused.
        request.pause();
        request.unshift(chunk);
        place = places.take(address, () => {
          isPlaced = true;
          request.resume();
        });
        return;
      }
      if (needed > buffer.length) {
        const isBelieved = needed <= announced && announced <= needed * BELIEVED_PART;
        const wanted = isBelieved ? announced : Math.min(maxBytes, needed * 2);
        buffer = grown(buffer, bytes, isPlaced ? wanted : Math.min(wanted, places.freeBytes));
      }
      chunk.copy(buffer, bytes);
      bytes = needed;
      if (bytes > FIRST_BYTES) letOthersIn();
    };
    // A large body is mostly there at once, and would be read in one turn. Rule: docs/protocol.md [GROW-78].
    const letOthersIn = (): void => {
      request.pause();
      setImmediate(() => request.resume());
    };
    const finish = (): void => settle(decode(buffer.subarray(0, bytes)));
    const abort = (): void => settle({ kind: "aborted" });
    request.on("data", take).on("end", finish).on("close", abort).on("error", abort);
  });
}

function decode(bytes: Uint8Array): BodyResult {
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    // Intentionally no repair: a replaced byte would be another message than the one that was sent.
    const error: HttpError = { code: "bad-frame", message: "The body is not valid UTF-8." };
    return { kind: "refused", error, isUnread: false };
  }
}

function isAccepted(header: string | undefined, { types }: BodyTypes): boolean {
  if (header === undefined) return false;
  const [type = "", ...parameters] = header.split(";").map((part) => part.trim().toLowerCase());
  if (!types.has(type)) return false;
  return parameters.every((parameter) => {
    const [name, value = ""] = parameter.split("=", 2);
    return name !== "charset" || ["utf-8", "utf8"].includes(value.replaceAll('"', ""));
  });
}

function grown(buffer: Buffer, bytes: number, capacity: number): Buffer {
  const larger = Buffer.allocUnsafe(capacity);
  buffer.copy(larger, 0, 0, bytes);
  return larger;
}

function tooLarge(maxBytes: number): HttpError {
  return { code: "too-large", message: `The body is over ${maxBytes} bytes.` };
}
