import { randomId } from "@parlor/base";
import { parseJson, parseOffset, plainFrame, plainTextOf } from "@parlor/protocol";
import type { StoredMessage } from "@parlor/log";
import type { BatchEncoder, EncodedBatch } from "../room/encoded-batch.ts";
import type { StartRequest } from "../room/start-position.ts";
import { textFrame } from "./websocket-frame.ts";

/**
 * The plain room: what `new WebSocket("ws://host/rooms/lobby")` sees, as in any first tutorial. Texts in,
 * `{"messages":["…"]}` out; no library, and so no seq and nothing that protects a retry.
 *
 * This file holds its words; the session is in plain-session.ts. Rules: docs/protocol.md, PLAIN-.
 */

/** A batch as a plain room shows it; null where it shows nothing of it. */
export const PLAIN_MESSAGES: BatchEncoder = {
  encode(batch: EncodedBatch): Buffer | null {
    const texts = batch.messages.map(plainText).filter((text) => text !== null);
    return texts.length === 0 ? null : textFrame(plainFrame(texts));
  },
};

/** One message as a line of text; null for one that is not shown at all. */
export function plainText(message: StoredMessage): string | null {
  const { bodyJson } = message;
  if (bodyJson === null || message.re !== undefined) return null;
  const parsed = parseJson(bodyJson);
  const body = parsed.ok ? parsed.value : null;
  return plainTextOf(body, () => bodyJson);
}

/** A refusal that a page which knows only `messages` passes over. */
export function plainError(code: string, message: string): string {
  return plainFrame([], { error: { code, message } });
}

export function plainLost(lost: unknown): string {
  return plainFrame([], { lost });
}

/** `?after=OFFSET` or `?last=N`; without either the newest 50. A string says what is wrong. */
export function plainStart(query: URLSearchParams): StartRequest | string {
  const after = query.get("after");
  const last = query.get("last");
  if (after !== null && last !== null) return "`last` joins and `after` resumes; an address has one of them.";
  if (after !== null) {
    const offset = parseOffset(after);
    if (offset === null) return "`after` is an offset, a whole number from 0.";
    return { kind: "resume", epoch: undefined, after: offset, atMost: undefined };
  }
  const count = last === null ? DEFAULT_LAST : parseOffset(last);
  if (count === null || count > 500) return "`last` is a whole number from 0 to 500.";
  return { kind: "join", last: count };
}

const DEFAULT_LAST = 50;

/** A fresh producer for one plain connection: its publishes have a place in its own count. */
export function plainProducer(): string {
  return randomId(12);
}
