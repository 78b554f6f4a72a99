import assert from "node:assert/strict";
import { connect } from "node:net";
import { ERROR_CODES } from "@parlor/protocol";
import { within } from "../../support/within.ts";
import type { FuzzedRequest } from "./http-requests.ts";

/** What `docs/protocol.md` lets an answer be. */
const STATUSES = new Set([
  101, 200, 201, 204, 206, 304, 400, 401, 403, 404, 405, 408, 409, 413, 415, 416, 426, 429, 431, 501, 503,
]);

export interface WholeAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * Sends a request as its bytes and reads the answer to its end; null where the connection was closed without
 * one. An upgrade and a stream are over with their first bytes.
 */
export function answerTo(port: number, request: FuzzedRequest): Promise<WholeAnswer | null> {
  const answered = new Promise<WholeAnswer | null>((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let received = Buffer.alloc(0);
    const settle = (answer: WholeAnswer | null): void => {
      resolve(answer);
      socket.destroy();
    };
    const look = (isClosed: boolean): void => {
      try {
        const answer = answerIn(received, request.method === "HEAD", isClosed);
        if (answer !== null || isClosed) settle(answer);
      } catch (fault) {
        reject(fault as Error);
        socket.destroy();
      }
    };
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      look(false);
    });
    // A reset is an end like another one.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => look(true));
    socket.write(request.bytes);
    // A broken request may be one whose rest the server waits for: it is told that there is none.
    if (!request.isSound) socket.end();
  });
  return within(answered, "the end of an answer", 10_000);
}

/** The answer in these bytes, once it is whole; throws where they can't be one. */
function answerIn(bytes: Buffer, isToHead: boolean, isClosed: boolean): WholeAnswer | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) {
    assert.ok(!isClosed || bytes.length === 0, `half an answer: ${bytes.toString("latin1")}`);
    return null;
  }
  const [statusLine = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  if (status === 100) return answerIn(bytes.subarray(end + 4), isToHead, isClosed);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, text] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+): ?([\t\x20-\x7e]*)$/.exec(line) ?? [];
    assert.ok(name !== undefined && text !== undefined, `a broken header: ${line}`);
    headers.set(name.toLowerCase(), text);
  }
  const type = headers.get("content-type") ?? "";
  const rest = bytes.subarray(end + 4);
  const whole = (body: Buffer): WholeAnswer => ({ status, type, body: body.toString() });
  if (status === 101 || type.startsWith("text/event-stream")) return whole(rest);
  if (isToHead || status === 204 || status === 304) return whole(Buffer.alloc(0));
  if (headers.get("transfer-encoding") === "chunked") {
    return rest.toString("latin1").endsWith("0\r\n\r\n") ? whole(rest) : halfOf(rest, isClosed);
  }
  const length = headers.get("content-length");
  if (length === undefined) return isClosed ? whole(rest) : null;
  return rest.length >= Number(length) ? whole(rest.subarray(0, Number(length))) : halfOf(rest, isClosed);
}

function halfOf(rest: Buffer, isClosed: boolean): null {
  assert.ok(!isClosed, `an answer that was cut: ${rest.toString("latin1")}`);
  return null;
}

/** That an answer is one of those that the protocol has, and an error one in words. */
export function assertKnown(answer: WholeAnswer, isToHead: boolean): void {
  const { status, type, body } = answer;
  assert.ok(STATUSES.has(status), `${status} is in no table: ${body.slice(0, 300)}`);
  if (status < 400 || isToHead) return;
  assert.match(type, /^application\/json/, `${status} without words: ${body}`);
  const { error } = JSON.parse(body) as { error: { code: string; message: string } };
  assert.ok(Object.hasOwn(ERROR_CODES, error.code), error.code);
  assert.match(error.message, /\w \w.*[.]$/s);
}
