import type { IncomingMessage, ServerResponse } from "node:http";
import { parseOffset, parsePosition } from "@parlor/protocol";
import type { Parlor, TailFrom, Visit } from "@parlor/server";
import { type LiveAddress, liveAddress } from "./live-address.ts";
import { answerRefusal, PAGE_HEADERS } from "./live-answers.ts";
import { answerWritten } from "./live-post.ts";
import { LiveTail } from "./live-tail.ts";
import { keyCookie, newKey, readVisitor } from "./visitor-cookies.ts";

/** Messages that a page begins with. */
const FIRST_MESSAGES = 50;

const METHODS = ["GET", "HEAD", "POST"];

/**
 * The rooms without JavaScript: `r/NAME/live.html` is the room's tail as a page that does not end, with a form
 * to write. The cursor is in its link (`?after=`), and each message has a link to what comes behind it.
 *
 * One document and not two: what is written leads back to the page from where it began, so a reader finds the
 * same messages, and theirs, in a document that text browsers and curl read as well. Rules: LIVE-.
 */
export class LivePages {
  readonly #parlor: Parlor;
  readonly #basePath: string;

  /** @param basePath begins and ends with a slash */
  constructor(parlor: Parlor, basePath: string) {
    this.#parlor = parlor;
    this.#basePath = basePath;
  }

  /** Answers a request; false where its address is none of these. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const address = liveAddress(request.url ?? "", this.#basePath);
    if (address === null) return false;
    this.#parlor.visit(request, response, (visit) => this.#answer(visit, address));
    return true;
  }

  async #answer(visit: Visit, address: LiveAddress): Promise<void> {
    const { method = "" } = visit.request;
    if (!METHODS.includes(method)) {
      const headers = { ...PAGE_HEADERS, allow: METHODS.join(", ") };
      visit.answer(405, headers, `That address takes ${METHODS.join(", ")}.`);
      return;
    }
    switch (address.kind) {
      case "lead":
        visit.answer(303, { ...PAGE_HEADERS, location: address.location }, "");
        return;
      case "bad-room":
        return answerRefusal(visit, { code: "bad-room", message: address.sentence });
      case "live":
        if (method === "POST") return answerWritten(visit, address.room, this.#basePath);
        return this.#show(visit, address.room, address.query);
    }
  }

  async #show(visit: Visit, room: string, query: URLSearchParams): Promise<void> {
    const from = tailFrom(query);
    if (typeof from === "string") return answerRefusal(visit, { code: "bad-frame", message: from });
    const visitor = readVisitor(visit.request.headers.cookie);
    // Made before anything is written, so that a form that is sent twice at once is one visitor's.
    const key = visitor.key ?? newKey();
    const scope = { basePath: this.#basePath, isSecure: visit.scheme === "https" };
    const headers =
      visitor.key === null ? { ...PAGE_HEADERS, "set-cookie": keyCookie(key, scope) } : PAGE_HEADERS;
    const refusal = await visit.follow(room, from, new LiveTail(room, visitor.name ?? "", headers), { key });
    if (refusal !== null) answerRefusal(visit, refusal);
  }
}

/** Where the page begins: `after` as `epoch:offset` or an offset, no further back than `most`. */
function tailFrom(query: URLSearchParams): TailFrom | string {
  const after = query.get("after");
  if (after === null) return { last: FIRST_MESSAGES };
  const most = query.get("most");
  const atMost = most === null ? undefined : parseOffset(most);
  if (atMost === null || (atMost !== undefined && atMost > 500)) {
    return "`most` in the address is a whole number from 0 to 500.";
  }
  const position = parsePosition(after);
  if (position !== null) return { after: position.offset, epoch: position.epoch, atMost };
  const offset = parseOffset(after);
  return offset === null
    ? "`after` in the address is a place in the room, as `epoch:offset` or an offset."
    : { after: offset, atMost };
}
