import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The head of an answer to an upgrade, with whatever is wrong about it (RFC 6455, 4.2.2). */
export function handshakeHead(
  request: IncomingMessage,
  wrong: { readonly status?: number; readonly headers?: Readonly<Record<string, string | null>> } = {},
): string {
  const { status = 101, headers = {} } = wrong;
  const key = request.headers["sec-websocket-key"] ?? "";
  const all: Record<string, string | null> = {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": createHash("sha1").update(`${key}${GUID}`).digest("base64"),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return `HTTP/1.1 ${status} Answer\r\n${lines.join("\r\n")}\r\n\r\n`;
}

/** One frame as a server writes it, below 126 bytes; `first` holds FIN, RSV and the opcode. */
export function rawFrame(first: number, payload: string | Uint8Array, isMasked = false): Buffer {
  const bytes = Buffer.from(payload);
  return isMasked
    ? Buffer.concat([Buffer.from([first, 0x80 | bytes.length, 0, 0, 0, 0]), bytes])
    : Buffer.concat([Buffer.from([first, bytes.length]), bytes]);
}

export const FIN = 0x80;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
