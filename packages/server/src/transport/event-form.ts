import type { IncomingHttpHeaders } from "node:http";
import { formatPosition, parseOffset, parsePosition } from "@parlor/protocol";
import type { BatchEncoder, EncodedBatch } from "../room/encoded-batch.ts";
import type { StartRequest } from "../room/start-position.ts";
import { UNKEPT_HEADERS, type FeedForm } from "./feed-form.ts";

/** A batch as events: one message each, whose id is what `Last-Event-ID` brings back. */
const MESSAGE_EVENTS: BatchEncoder = {
  encode(batch: EncodedBatch): Buffer {
    let events = "";
    batch.texts.forEach((text, index) => {
      const offset = batch.messages[index]?.offset ?? batch.last;
      // A message's text is JSON on one line, and an epoch has no line break: nothing can break out.
      events += `id: ${formatPosition({ epoch: batch.epoch, offset })}\ndata: ${text}\n\n`;
    });
    return Buffer.from(events, "utf8");
  },
};

/** Of every event stream. */
export const STREAM_HEADERS = {
  "Content-Type": "text/event-stream; charset=utf-8",
  ...UNKEPT_HEADERS,
} as const;

/** A feed as an event stream, for `curl -N` and `EventSource`. Rules: docs/protocol.md, SSE-. */
export const EVENT_FORM: FeedForm = {
  headers: { ...STREAM_HEADERS, Vary: "Accept, Origin" },
  messages: MESSAGE_EVENTS,
  begin(start, asked) {
    const id = `id: ${formatPosition({ epoch: start.epoch, offset: start.after })}\n`;
    // An event with only an id: whoever is cut before the first message resumes here too.
    if (start.lost === null) return `${id}\n`;
    const lost = `${id}event: lost\ndata: ${JSON.stringify(start.lost)}\n\n`;
    if (asked?.kind !== "resume") return lost;
    // What it came with, not where it goes on: cut between the two, it comes back and is told of the loss.
    const from = { epoch: asked.epoch ?? start.epoch, offset: asked.after };
    return `id: ${formatPosition(from)}\n\n${lost}`;
  },
  stillHere: ": still here\n\n",
  refused({ code, message }) {
    return `event: refused\ndata: ${JSON.stringify({ code, message })}\n\n`;
  },
  /** `retry` tells an EventSource when to come back. */
  bye(retryAfterMs) {
    return `retry: ${Math.ceil(retryAfterMs)}\n\n`;
  },
};

const DEFAULT_LAST = 50;

/** Where a feed begins: `Last-Event-ID`, else `after`, else the newest 50. A string says what is wrong. */
export function feedStart(headers: IncomingHttpHeaders, query: URLSearchParams): StartRequest | string {
  if (query.has("before")) return "`before` goes back, and a live feed goes forward; ask for JSON with it.";
  const lastEventId = headers["last-event-id"];
  if (typeof lastEventId === "string" && lastEventId !== "") {
    const position = parsePosition(lastEventId);
    if (position === null) return "`Last-Event-ID` is an epoch and an offset, as `epoch:offset`.";
    return { kind: "resume", epoch: position.epoch, after: position.offset, atMost: undefined };
  }
  const after = query.get("after");
  if (after === null) return { kind: "join", last: DEFAULT_LAST };
  const position = parsePosition(after);
  if (position !== null) {
    return { kind: "resume", epoch: position.epoch, after: position.offset, atMost: undefined };
  }
  const offset = parseOffset(after);
  if (offset === null) return "`after` is an offset, a whole number from 0.";
  return { kind: "resume", epoch: undefined, after: offset, atMost: undefined };
}
