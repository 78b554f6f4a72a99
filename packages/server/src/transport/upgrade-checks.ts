/**
 * What an upgrade request must be before the WebSocket library sees it.
 *
 * Node and the library let through what RFC 6455 forbids (HTTP/1.0, no Host, a wrong version as 400), and
 * a request whose headers were cut off must not reach code that takes them for granted. Everything here
 * is linear in the size of the headers. Rules: docs/protocol.md, HELLO-30 to HELLO-36.
 */
import type { ErrorCode } from "@parlor/protocol";

export interface UpgradeRequest {
  readonly method: string | undefined;
  /** `1.1`, as Node gives it. */
  readonly httpVersion: string;
  /** Names and values in turn, as they came: `request.rawHeaders`. */
  readonly rawHeaders: readonly string[];
}

export type UpgradeCheck =
  /** `protocols` are the subprotocols offered, in the client's order of preference. */
  { readonly ok: true; readonly protocols: readonly string[] } | UpgradeRefusal;

export interface UpgradeRefusal {
  readonly ok: false;
  readonly status: 400 | 405 | 426;
  readonly headers: Readonly<Record<string, string>>;
  readonly code: ErrorCode;
  readonly message: string;
}

const WEBSOCKET_VERSION = "13";
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// 16 bytes in base64.
const KEY = /^[A-Za-z0-9+/]{22}==$/;

export function checkUpgrade(request: UpgradeRequest): UpgradeCheck {
  const headers = headersOf(request.rawHeaders);
  const fault = requestFault(request, headers);
  if (fault !== null) return fault;
  const protocols = offeredProtocols(headers.get("sec-websocket-protocol") ?? []);
  return typeof protocols === "string" ? refuse(protocols) : { ok: true, protocols };
}

function requestFault(request: UpgradeRequest, headers: Headers): UpgradeRefusal | null {
  if (request.method !== "GET") {
    return refuse("A WebSocket is asked for with GET.", 405, { allow: "GET" });
  }
  if (!isHttp11(request.httpVersion)) return refuse("A WebSocket needs HTTP/1.1.");
  if (headers.get("host")?.length !== 1) return refuse("The request needs exactly one Host header.");
  if (hasBody(headers)) return refuse("An upgrade request has no body.");
  if (!tokens(headers.get("upgrade")).includes("websocket")) {
    return refuse("Only `Upgrade: websocket` is offered here.");
  }
  if (!tokens(headers.get("connection")).includes("upgrade")) {
    return refuse("The request says `Upgrade: websocket` but not `Connection: Upgrade`.");
  }
  if (headers.has("sec-websocket-key1") || headers.has("sec-websocket-key2")) {
    return refuse("That is the draft hixie-76; this server speaks RFC 6455.");
  }
  const version = headers.get("sec-websocket-version");
  if (version?.length !== 1 || version[0] !== WEBSOCKET_VERSION) {
    return {
      ok: false,
      status: 426,
      headers: { "sec-websocket-version": WEBSOCKET_VERSION, upgrade: "websocket" },
      code: "version",
      message: `This server speaks version ${WEBSOCKET_VERSION} of the WebSocket protocol.`,
    };
  }
  const keys = headers.get("sec-websocket-key");
  if (keys?.length !== 1 || !KEY.test(keys[0] ?? "")) {
    return refuse("The request needs exactly one Sec-WebSocket-Key, of 16 bytes in base64.");
  }
  return null;
}

type Headers = ReadonlyMap<string, readonly string[]>;

/** All values by lower-case name. A Map, so that a name such as `__proto__` is only a name. */
function headersOf(rawHeaders: readonly string[]): Headers {
  const headers = new Map<string, string[]>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? "").toLowerCase();
    const value = (rawHeaders[i + 1] ?? "").trim();
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return headers;
}

function isHttp11(httpVersion: string): boolean {
  const [major = 0, minor = 0] = httpVersion.split(".").map(Number);
  return major === 1 && minor >= 1;
}

function hasBody(headers: Headers): boolean {
  if (headers.has("transfer-encoding")) return true;
  return headers.get("content-length")?.some((length) => length !== "0") ?? false;
}

function tokens(values: readonly string[] | undefined): string[] {
  return (values ?? []).flatMap((value) => value.split(",")).map((token) => token.trim().toLowerCase());
}

/** The offered subprotocols, or a sentence that says what is wrong with them. */
function offeredProtocols(values: readonly string[]): readonly string[] | string {
  const offered = new Set<string>();
  // Split first and trim after: a pattern over the whole list is how a row of blanks becomes quadratic.
  for (const piece of values.flatMap((value) => value.split(","))) {
    const protocol = piece.trim();
    if (!TOKEN.test(protocol)) return "Sec-WebSocket-Protocol is not a list of tokens.";
    if (offered.has(protocol)) return "Sec-WebSocket-Protocol names a subprotocol twice.";
    offered.add(protocol);
  }
  return [...offered];
}

function refuse(
  message: string,
  status: 400 | 405 = 400,
  headers: Readonly<Record<string, string>> = {},
): UpgradeRefusal {
  return { ok: false, status, headers, code: "bad-frame", message };
}
