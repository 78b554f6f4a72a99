import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { BINARY, CLOSE, FIN, handshakeHead, PING, rawFrame, TEXT } from "./raw-handshake.ts";

type Answer = (request: IncomingMessage, socket: Duplex) => void;

/** Answers that are no handshake, by what is wrong with them; `101` where the status is that of one. */
const HANDSHAKES: Readonly<Record<string, Parameters<typeof handshakeHead>[1]>> = {
  "wrong-accept": { headers: { "Sec-WebSocket-Accept": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" } },
  "no-accept": { headers: { "Sec-WebSocket-Accept": null } },
  "no-upgrade": { headers: { Upgrade: null } },
  "other-upgrade": { headers: { Upgrade: "chat" } },
  "no-connection": { headers: { Connection: null } },
  "other-connection": { headers: { Connection: "keep-alive" } },
  "unasked-protocol": { headers: { "Sec-WebSocket-Protocol": "nobody-asked" } },
  "two-protocols": { headers: { "Sec-WebSocket-Protocol": "one, two" } },
  "unasked-extension": { headers: { "Sec-WebSocket-Extensions": "x-nobody-asked" } },
  "status-200": { status: 200 },
  "status-301": { status: 301, headers: { Location: "/echo" } },
  "status-401": { status: 401 },
  "status-404": { status: 404 },
  "status-500": { status: 500 },
};

const text = (payload: string): Buffer => rawFrame(FIN | TEXT, payload);

/** What comes behind a good handshake, by the name of the endpoint: frames of a server, good and bad. */
const FRAMES: Readonly<Record<string, readonly (Buffer | "end")[]>> = {
  cut: ["end"],
  "cut-behind-text": [text("one"), "end"],
  fragments: [rawFrame(TEXT, "frag"), rawFrame(0, "men"), rawFrame(FIN, "ted")],
  "fragments-around-ping": [rawFrame(TEXT, "one "), rawFrame(FIN | PING, "?"), rawFrame(FIN, "message")],
  "fragments-of-a-character": [rawFrame(TEXT, Uint8Array.of(0xe2, 0x82)), rawFrame(FIN, Uint8Array.of(0xac))],
  "empty-text": [text("")],
  "empty-fragments": [rawFrame(TEXT, ""), rawFrame(0, ""), rawFrame(FIN, "")],
  "close-without-status": [rawFrame(FIN | CLOSE, "")],
  "close-1000": [rawFrame(FIN | CLOSE, Uint8Array.of(0x03, 0xe8))],
  masked: [rawFrame(FIN | TEXT, "masked", true)],
  "invalid-utf8": [rawFrame(FIN | TEXT, Uint8Array.of(0xff, 0xfe))],
  "cut-utf8": [rawFrame(FIN | TEXT, Uint8Array.of(0xe2, 0x82))],
  surrogate: [rawFrame(FIN | TEXT, Uint8Array.of(0xed, 0xa0, 0x80))],
  "invalid-reason": [rawFrame(FIN | CLOSE, Uint8Array.of(0x03, 0xe8, 0xff))],
  rsv2: [rawFrame(FIN | 0x20 | TEXT, "rsv")],
  rsv3: [rawFrame(FIN | 0x10 | TEXT, "rsv")],
  "reserved-opcode": [rawFrame(FIN | 0x3, "?")],
  "reserved-control": [rawFrame(FIN | 0xb, "?")],
  "lone-continuation": [rawFrame(FIN, "?")],
  "text-within-fragments": [rawFrame(TEXT, "a"), text("b")],
  "binary-within-fragments": [rawFrame(TEXT, "a"), rawFrame(FIN | BINARY, "b")],
  "fragmented-ping": [rawFrame(PING, "?")],
  "one-byte-close": [rawFrame(FIN | CLOSE, Uint8Array.of(0x03))],
};

/** The endpoints of RFC 6455's fine print, by the last part of their path; null for one that is not here. */
export function rawEndpoint(name: string): Answer | null {
  if (Object.hasOwn(HANDSHAKES, name)) {
    return (request, socket) => {
      const wrong = HANDSHAKES[name];
      socket.write(handshakeHead(request, wrong));
      if (wrong?.status !== undefined) socket.end();
    };
  }
  const frames = Object.hasOwn(FRAMES, name) ? FRAMES[name] : undefined;
  if (frames === undefined) return null;
  return (request, socket) => {
    socket.write(handshakeHead(request));
    for (const frame of frames) {
      if (frame === "end") socket.end();
      else socket.write(frame);
    }
    // The peer's answer to a close frame, or its own: the connection is the server's to end.
    socket.once("data", () => socket.end());
  };
}
