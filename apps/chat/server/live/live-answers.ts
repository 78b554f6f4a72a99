import type { OutgoingHttpHeaders } from "node:http";
import { ERROR_CODES, formatPosition, parsePosition, type ErrorCode, type Position } from "@parlor/protocol";
import type { Visit } from "@parlor/server";
import { SAFETY_HEADERS } from "../static-file.ts";
import { type FormContent, noticeDocument } from "./live-document.ts";
import { LIVE_POLICY } from "./live-style.ts";

/** Of every page here: nobody keeps one, since each belongs to one reader and one moment. */
export const PAGE_HEADERS: OutgoingHttpHeaders = {
  ...SAFETY_HEADERS,
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": LIVE_POLICY,
  "cache-control": "no-store",
};

/** Why something is not done, with the status of its code unless it names another. */
export interface PageRefusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
}

const HOME = { href: "../../", words: "To the first room" };

/** Tells a refusal as a page, with what was written still in its form. */
export function answerRefusal(visit: Visit, refusal: PageRefusal, form: FormContent | null = null): void {
  const { code, message, retryAfterMs } = refusal;
  const status = refusal.status ?? ERROR_CODES[code].status;
  const isTemporary = status === 429 || status === 503;
  const waitSeconds = Math.max(1, Math.ceil((retryAfterMs ?? 1_000) / 1_000));
  const title = form === null ? "That is not possible" : "Not sent";
  const again = isTemporary ? ` Try again in ${waitSeconds} s.` : "";
  // The server speaks of bodies and bytes, since it speaks to programs.
  const words = code === "too-large" ? "The message is too long to be stored: shorten it." : message;
  const began = parsePosition(form?.after ?? "");
  const way = code === "bad-room" ? HOME : { href: roomAgain(began), words: "To the room" };
  visit.answer(
    status,
    { ...PAGE_HEADERS, ...(isTemporary && { "retry-after": `${waitSeconds}` }) },
    noticeDocument({ title, sentence: words + again, way, form }),
  );
}

/** Leads to the page from where it began, so that what was there is there again. */
export function answerSent(visit: Visit, began: Position | null, headers: OutgoingHttpHeaders): void {
  visit.answer(303, { ...PAGE_HEADERS, ...headers, location: roomAgain(began) }, "");
}

/** The most that a page shows again of what it showed before a message was written in it. */
const SHOWN_AGAIN = 200;

function roomAgain(began: Position | null): string {
  if (began === null) return "live.html";
  return `live.html?after=${encodeURIComponent(formatPosition(began))}&most=${SHOWN_AGAIN}`;
}
