import assert from "node:assert/strict";
import { RawSocketPeer } from "@parlor/testkit";

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** The code and sentence of an error's body. */
  readonly error: { readonly code: string; readonly message: string };
}

export interface RawRequest {
  /** @default "GET" */
  readonly method?: string;
  /** As it stands in the request line. @default "/connect" */
  readonly target?: string;
  /** @default "1.1" */
  readonly version?: string;
  /** Those of a right upgrade to `parlor.v1`, replaced or (null) left out by these. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
}

/** The head of an upgrade request, right but for what is given. */
export function upgradeHead({ method, target, version, headers }: RawRequest = {}): string {
  const all: Record<string, string | readonly string[] | null> = {
    Host: "127.0.0.1",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "parlor.v1",
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().map((each) => `${name}: ${each}\r\n`),
  );
  return `${method ?? "GET"} ${target ?? "/connect"} HTTP/${version ?? "1.1"}\r\n${lines.join("")}\r\n`;
}

/** Sends bytes as they are on a connection of its own and reads one whole answer. */
export async function rawAnswer(port: number, request: string, localAddress?: string): Promise<RawAnswer> {
  using peer = await RawSocketPeer.connect({ port, ...(localAddress === undefined ? {} : { localAddress }) });
  peer.write(request);
  return await readAnswer(peer, request.startsWith("HEAD "));
}

export async function readAnswer(peer: RawSocketPeer, isToHead = false): Promise<RawAnswer> {
  const { status, headers } = await peer.readResponse();
  const length = Number(headers.get("content-length") ?? 0);
  const body = status === 101 || isToHead ? "" : (await peer.readBytes(length)).toString("utf8");
  const isError =
    body !== "" && (headers.get("content-type") ?? "").startsWith("application/json") && status >= 400;
  const error = isError
    ? (JSON.parse(body) as { error: RawAnswer["error"] }).error
    : { code: "", message: "" };
  return { status, headers, body, error };
}

/** That an answer is an error of that status and code, in words, as every error is. */
export function assertRefused(answer: RawAnswer, status: number, code: string, why?: string): void {
  assert.deepEqual([answer.status, answer.error.code], [status, code], why ?? answer.body);
  assert.match(answer.error.message, /\w \w.*[.]$/, "a sentence");
  assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
  if (status === 429 || status === 503) assert.match(answer.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
}
