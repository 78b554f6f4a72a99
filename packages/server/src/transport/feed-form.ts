import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Position } from "@parlor/protocol";
import type { BatchEncoder } from "../room/encoded-batch.ts";
import type { StartPosition, StartRequest } from "../room/start-position.ts";
import type { Refusal } from "../session/hooks.ts";

/** How a room's feed is written to one reader: as events, or as a page of the host's own. */
export interface FeedForm {
  /** Of the answer, besides those that every feed has. */
  readonly headers: OutgoingHttpHeaders;
  readonly messages: BatchEncoder;
  /** Where the chain begins; called again whenever it begins anew, then without what was asked for. */
  begin(start: StartPosition, asked: StartRequest | null): string;
  /** Keeps a silent connection open. */
  readonly stillHere: string;
  /** It ends because it may not go on; `reached` is the last message that was written. */
  refused(refusal: Refusal, reached: Position): string;
  /** It ends because the server stops. */
  bye(retryAfterMs: number, reached: Position): string;
}

/** Answers without an end say that nobody on the way may keep or change them. */
export const UNKEPT_HEADERS = {
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
} as const;

/** Answers 200 with the headers of a form, and with those that every feed has. */
export function writeFeedHead(response: ServerResponse, { headers }: FeedForm): void {
  // `setHeader`, since a list for `writeHead` would keep two spellings of one name as two headers.
  for (const [name, value] of Object.entries({ ...headers, ...UNKEPT_HEADERS })) {
    if (value !== undefined) response.setHeader(name, value);
  }
  response.writeHead(200);
}
