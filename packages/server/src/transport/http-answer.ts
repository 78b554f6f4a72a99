/**
 * Answers in JSON, and errors as `{"error":{"code","message"}}`: on a response, and on the bare socket of
 * an upgrade that is not taken. Rules: docs/protocol.md, REFUSE-.
 */
import { STATUS_CODES, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "@parlor/base";
import { ERROR_CODES, type ErrorCode } from "@parlor/protocol";
import { wasteOf } from "./waste.ts";

export interface HttpError {
  readonly code: ErrorCode;
  readonly message: string;
  /** @default the status of the code */
  readonly status?: number | undefined;
  /** Becomes `Retry-After`, in whole seconds rounded up. @default 1_000 with 429 and 503, else none */
  readonly retryAfterMs?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Wait named with 429 and 503 where nobody knows better, ms. */
const DEFAULT_RETRY_MS = 1_000;

/** How long the rest of what a refused peer sends is let run to waste, ms. */
const LINGER_MS = 1_000;

/** How many bytes of it. */
const LINGER_BYTES = 1_048_576;

/** Answers a value as JSON. Does nothing where the peer is gone or was answered before. */
export function answerJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  answerText(response, status, JSON.stringify(value), headers);
}

/** Answers JSON that is text already. */
export function answerText(
  response: ServerResponse,
  status: number,
  json: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  // A page is encoded once, and not a second time to be measured.
  const body = json.length > LARGE_CHARACTERS ? Buffer.from(json) : json;
  if (!writeAnswerHead(response, status, Buffer.byteLength(body), headers)) return;
  response.end(body);
}

/** Answers JSON that is bytes already, in parts, which leave together and are not copied to be one. */
export function answerTexts(
  response: ServerResponse,
  status: number,
  parts: readonly Buffer[],
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = parts.reduce((sum, { length }) => sum + length, 0);
  if (!writeAnswerHead(response, status, bytes, headers)) return;
  response.cork();
  for (const part of parts) response.write(part);
  response.end();
}

/** Above it a text is made into bytes by us; below it Node writes it together with its head. */
const LARGE_CHARACTERS = 16_384;

/** Answers an error in words. One that comes after the answer began can only cut it off. */
export function answerError(response: ServerResponse, error: HttpError): void {
  if (response.headersSent && !response.writableEnded) {
    response.destroy();
    return;
  }
  answerText(response, statusOf(error), errorBody(error), errorHeaders(error));
}

/**
 * Answers an error to a request whose body is not read, and ends the connection, as `answerJsonUnread`. Where there
 * is no body, it is an answer as any other.
 */
export function answerErrorUnread(
  request: IncomingMessage,
  response: ServerResponse,
  error: HttpError,
  clock: Clock,
): void {
  if (response.headersSent || !isUnread(request)) answerError(response, error);
  else answerTextUnread(request, response, statusOf(error), errorBody(error), errorHeaders(error), clock);
}

/**
 * Answers a value as JSON to a request whose body is not read any further, and ends the connection. Where there is
 * no more of it, it is an answer as any other.
 *
 * The answer is written whole at once; then what still comes is thrown away for a second or a mebibyte,
 * since a connection closed on unread bytes is reset, and the peer would never see the answer.
 */
export function answerJsonUnread(
  request: IncomingMessage,
  response: ServerResponse,
  value: unknown,
  headers: Readonly<Record<string, string>>,
  clock: Clock,
): void {
  if (!isUnread(request)) answerJson(response, 200, value, headers);
  else answerTextUnread(request, response, 200, JSON.stringify(value), headers, clock);
}

function answerTextUnread(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  json: string,
  headers: Readonly<Record<string, string>>,
  clock: Clock,
): void {
  if (!writeAnswerHead(response, status, Buffer.byteLength(json), { ...headers, connection: "close" }))
    return;
  response.write(json);
  lastAnswers.add(response);
  discard(request, clock, () => response.end());
}

/** Answers that are written whole and end their connection, though the rest of the request is still let run to waste. */
const lastAnswers = new WeakSet<ServerResponse>();

/** Whether all of an answer has been written, so that the connection may end once that is sent. */
export function isAnsweredWhole(response: ServerResponse): boolean {
  return response.writableEnded || lastAnswers.has(response);
}

/**
 * Answers a page, whole. Where more of the request's body may come, it is thrown away as after
 * `answerErrorUnread`, and the connection ends. Does nothing where the peer is gone or was answered before.
 */
export function answerPage(
  request: IncomingMessage,
  response: ServerResponse,
  page: { readonly status: number; readonly headers: OutgoingHttpHeaders; readonly body: string },
  clock: Clock,
): void {
  if (response.headersSent || response.destroyed) return;
  const ends = isUnread(request);
  response.writeHead(page.status, {
    ...page.headers,
    "content-length": Buffer.byteLength(page.body),
    ...(ends && { connection: "close" }),
  });
  if (!ends) {
    response.end(page.body);
    return;
  }
  response.write(page.body);
  lastAnswers.add(response);
  discard(request, clock, () => response.end());
}

/**
 * Answers an error on the socket of an upgrade request and ends the connection. From here on the socket
 * is this function's; errors on it are over with the peer.
 */
export function answerErrorOnSocket(socket: Duplex, error: HttpError, clock: Clock): void {
  // A peer that resets the connection must not take the process with it; there is nobody left to tell.
  socket.on("error", () => socket.destroy());
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const status = statusOf(error);
  const json = errorBody(error);
  const headers = { ...answerHeaders(Buffer.byteLength(json)), ...errorHeaders(error), connection: "close" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${oneLine(value)}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}\r\n${lines.join("")}\r\n${json}`);
  discard(socket, clock, () => {
    if (socket.writableFinished) {
      socket.destroy();
      return;
    }
    socket.once("finish", () => socket.destroy());
    clock.after(LINGER_MS, () => socket.destroy());
  });
}

/** Whether more of its body may come. */
function isUnread({ headers, readableEnded }: IncomingMessage): boolean {
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  return hasBody && !readableEnded;
}

/** Throws away what comes until it ends, or there was enough of it; then, once, `whenOver`. */
function discard(stream: Duplex | IncomingMessage, clock: Clock, whenOver: () => void): void {
  let bytes = 0;
  let isOver = false;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    clock.cancel(timer);
    whenOver();
  };
  const timer = clock.after(LINGER_MS, over);
  stream.on("data", (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) over();
    // Where too many do so it is read no more, and ends with its time.
    else if (!wasteOf(clock).take(chunk.length)) stream.pause();
  });
  stream.once("end", over);
  stream.once("close", over);
  stream.resume();
}

/** The body of an error, the same on every transport that speaks HTTP. */
export function errorBody(error: Pick<HttpError, "code" | "message">): string {
  return JSON.stringify({ error: { code: error.code, message: error.message } });
}

/** One `Vary` of several, for answers that depend on more than one header. */
export function varyOn(...names: readonly string[]): string {
  return [...new Set(names.flatMap((name) => name.split(",")).map((name) => name.trim()))]
    .filter((name) => name !== "")
    .join(", ");
}

function statusOf(error: HttpError): number {
  return error.status ?? ERROR_CODES[error.code].status;
}

function errorHeaders(error: HttpError): Record<string, string> {
  const status = statusOf(error);
  const isTemporary = status === 429 || status === 503;
  const retryMs = error.retryAfterMs ?? (isTemporary ? DEFAULT_RETRY_MS : undefined);
  if (retryMs === undefined) return { ...error.headers };
  return { ...error.headers, "retry-after": String(Math.max(1, Math.ceil(retryMs / 1000))) };
}

function answerHeaders(bytes: number): Record<string, string> {
  return {
    "content-type": "application/json; charset=utf-8",
    "content-length": String(bytes),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
}

/** False where there is nobody to answer. */
function writeAnswerHead(
  response: ServerResponse,
  status: number,
  bytes: number,
  headers: Readonly<Record<string, string>>,
): boolean {
  if (response.headersSent || response.destroyed) return false;
  // `setHeader` and not `writeHead`'s own list, so that headers set before (CORS) stay, and `Vary` adds up.
  const vary = varyOn(String(response.getHeader("vary") ?? ""), headers["vary"] ?? "");
  for (const [name, value] of Object.entries({ ...answerHeaders(bytes), ...headers })) {
    response.setHeader(name, value);
  }
  if (vary !== "") response.setHeader("vary", vary);
  response.writeHead(status);
  return true;
}

/** On a bare socket nobody checks that a value stays on its line. */
function oneLine(value: string): string {
  return value.replace(/[^\t\x20-\x7e]/g, " ");
}
