import type { ServerResponse } from "node:http";
import { CodedError } from "@parlor/base";
import { isBlobHash } from "@parlor/log";
import { byteRange } from "../files/byte-range.ts";
import type { FileDesk } from "../files/file-desk.ts";
import { contentDisposition } from "../files/file-name.ts";
import { isShownInPlace, UNKNOWN_TYPE } from "../files/inspect-file.ts";
import type { FileLink } from "../files/ledger-records.ts";
import { mayRead } from "../session/may-read.ts";
import { refusalOf } from "../session/refusal-of.ts";
import type { Services } from "../session/services.ts";
import { fileAsker } from "./file-pass-answer.ts";
import { answerError, type HttpError } from "./http-answer.ts";
import { NO_FILES_HERE } from "./no-files-here.ts";
import type { RestRequest } from "./rest.ts";
import type { UnreadAnswers } from "./unread-answers.ts";

/** What never changes under its name may be kept for a year, by whoever may see it. */
const CACHE_CONTROL = "private, max-age=31536000, immutable";

const NO_FILE: HttpError = {
  code: "unknown-frame",
  status: 404,
  message: "The room has no such file; it may have been deleted.",
};

/**
 * `GET /rooms/{room}/files/{hash}`: a file, to whoever may read the room. What it is called comes with the
 * request, since a message says it (`?name=`); what it is was found out when it came.
 * Rules: docs/protocol.md, FILE-.
 */
export async function answerFile(
  rest: RestRequest,
  hash: string,
  services: Services,
  unread: UnreadAnswers,
  isForOthers: boolean,
): Promise<void> {
  const { request, response, room, address } = rest;
  const refuse = (error: HttpError): void => {
    services.events.refused(error.code, { address }, "file");
    answerError(response, error);
  };
  const desk = services.files;
  if (desk === null) return refuse(NO_FILES_HERE);
  try {
    const who = await fileAsker(rest, services);
    if ("code" in who) return refuse(who);
    const refusal = await mayRead({ identity: who.identity, address }, room, services);
    if (refusal !== null) return refuse(refusal);
    const file = isBlobHash(hash) ? await desk.file(room, hash) : null;
    if (file === null) return refuse(NO_FILE);
    const etag = `"${file.hash}"`;
    setHeaders(response, file, etag, rest.query.get("name") ?? "", isForOthers);
    if (isKnown(request.headers["if-none-match"], etag)) {
      response.writeHead(304).end();
      return;
    }
    const ifRange = request.headers["if-range"];
    // To HEAD a range means nothing (RFC 9110, 14.2): who asks how large a file is would be told of the piece.
    const takesRange = request.method === "GET" && (ifRange === undefined || ifRange === etag);
    const range = byteRange(takesRange ? request.headers.range : undefined, file.size);
    if (range.kind === "none") {
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      return refuse({
        code: "bad-frame",
        status: 416,
        message: `The file has ${file.size} bytes, none of which were asked for.`,
        headers: { "content-range": `bytes */${file.size}` },
      });
    }
    const { start, end } = range.kind === "part" ? range : { start: 0, end: file.size };
    response.setHeader("content-length", end - start);
    if (range.kind === "part") response.setHeader("content-range", `bytes ${start}-${end - 1}/${file.size}`);
    const status = range.kind === "part" ? 206 : 200;
    if (request.method === "HEAD") {
      response.writeHead(status).end();
      return;
    }
    await inTurn(rest, services, () => send(response, status, desk, file.hash, start, end, unread, services));
  } catch (error) {
    const isGone = error instanceof CodedError && error.code === "no-blob";
    if (!response.headersSent) for (const name of response.getHeaderNames()) response.removeHeader(name);
    refuse(isGone ? NO_FILE : refusalOf(error, services));
  }
}

function setHeaders(
  response: ServerResponse,
  { type }: FileLink,
  etag: string,
  name: string,
  isForOthers: boolean,
): void {
  const isInline = isShownInPlace(type);
  const headers: Record<string, string> = {
    // What is not shown in place is bytes to a browser, whatever it might make of them.
    "content-type": isInline ? type : UNKNOWN_TYPE,
    "content-disposition": contentDisposition(isInline ? "inline" : "attachment", name),
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": isForOthers ? "cross-origin" : "same-site",
    "referrer-policy": "no-referrer",
    "accept-ranges": "bytes",
    "cache-control": CACHE_CONTROL,
    vary: "Origin, Authorization",
    etag,
  };
  for (const [header, value] of Object.entries(headers)) response.setHeader(header, value);
}

function isKnown(header: string | undefined, etag: string): boolean {
  return (header ?? "")
    .split(",")
    .some((one) => one.trim().replace(/^W\//, "") === etag || one.trim() === "*");
}

/** Files of one address are sent a few at a time; the others wait for their turn. */
async function inTurn(
  { response, address }: RestRequest,
  services: Services,
  work: () => Promise<void>,
): Promise<void> {
  // One that went meanwhile tells of its end no more, and so would give no place back.
  if (response.destroyed) return;
  await new Promise<void>((resolve, reject) => {
    const place = services.fileSends.take(address, () => {
      void work().then(resolve, reject);
    });
    response.once("close", () => {
      place.leave();
      resolve();
    });
  });
}

/** When more can be taken, or nothing ever will. Leaves no listener behind, however often it is asked. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}

/** At the pace of who reads. The disk is read only for what fits. */
async function send(
  response: ServerResponse,
  status: number,
  desk: FileDesk,
  hash: string,
  start: number,
  end: number,
  unread: UnreadAnswers,
  services: Services,
): Promise<void> {
  unread.follow(response);
  for await (const chunk of desk.read(hash, start, end)) {
    if (response.destroyed) return;
    if (!response.headersSent) response.writeHead(status);
    services.counters.fileBytesOut += chunk.length;
    if (!response.write(chunk)) await drained(response);
  }
  if (response.destroyed) return;
  if (!response.headersSent) response.writeHead(status);
  services.counters.filesSent += 1;
  response.end();
}
