import assert from "node:assert/strict";
import { connect } from "node:net";
import { msgpack } from "@parlor/msgpack";
import { CLOSE_CODES, decodeServerFrame } from "@parlor/protocol";
import { decodeRawFrame, OPCODES } from "@parlor/testkit";
import { turns } from "../../support/turns.ts";
import { within } from "../../support/within.ts";
import type { FuzzedSocket } from "./socket-bytes.ts";

/** Codes of the WebSocket library for what breaks its protocol, beside those of ours. */
const LIBRARY_CODES = [1002, 1007, 1008, 1009];

/** Everything that a server said to a socket, up to its end. */
export function heardBy(port: number, { writes, leaves }: FuzzedSocket): Promise<Buffer> {
  const heard = new Promise<Buffer>((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const chunks: Buffer[] = [];
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    // A reset is an end like another one.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve(Buffer.concat(chunks)));
    for (const bytes of writes) socket.write(bytes);
    // Not at once, since what is answered after the peer's end is not heard.
    if (leaves === "end") void turns(6).then(() => socket.end());
    else socket.once("connect", () => setImmediate(() => socket.resetAndDestroy()));
  });
  return within(heard, "the end of a connection", 10_000);
}

/**
 * That what was heard is what a server may say: an answer's head, then whole frames without a mask, each a
 * frame of the protocol or of the plain room, and a close with a code of the table or the peer's own.
 * Gives what came, in a word, and the text of all of it.
 */
export function assertSayable(heard: Buffer): { readonly outcome: string; readonly text: string } {
  const text = heard.toString("latin1");
  if (heard.length === 0) return { outcome: "silence", text };
  const end = heard.indexOf("\r\n\r\n");
  assert.ok(end !== -1, `no answer: ${text}`);
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? assert.fail(`no status: ${text}`);
  if (status !== "101") {
    assert.match(status, /^(200|400|403|404|405|408|413|426|431)$/, text);
    return { outcome: status, text };
  }
  let rest = heard.subarray(end + 4);
  let outcome = "open";
  while (rest.length > 0) {
    const decoded = decodeRawFrame(rest);
    // The peer's end may have cut the last one.
    if (decoded === null) break;
    const { opcode, payload, isFinal, reserved } = decoded.frame;
    assert.ok(
      isFinal && reserved === 0 && ((rest[1] as number) & 0x80) === 0,
      "a frame as no server sends it",
    );
    assert.equal(
      outcome.startsWith("close"),
      false,
      `a frame behind the ${outcome}: ${opcode} ${payload.toString()}`,
    );
    if (opcode === OPCODES.text) assertFrame(payload.toString());
    else if (opcode === OPCODES.binary) assertBinaryFrame(payload);
    else if (opcode === OPCODES.close) outcome = `close ${closeCode(payload)}`;
    else assert.ok(opcode === OPCODES.ping || opcode === OPCODES.pong, `opcode ${opcode}`);
    rest = rest.subarray(decoded.size);
  }
  return { outcome, text };
}

function assertFrame(text: string): void {
  const value = JSON.parse(text) as Record<string, unknown>;
  if ("type" in value) {
    assert.ok(decodeServerFrame(text).ok, text);
    assert.notEqual(value["code"], "internal", text);
  } else assert.ok(Array.isArray(value["messages"]), text);
}

function assertBinaryFrame(payload: Uint8Array): void {
  const decoded = msgpack.decode(payload);
  assert.ok(decoded.ok && decodeServerFrame(decoded.value).ok, Buffer.from(payload).toString("latin1"));
  assert.notEqual(decoded.value["code"], "internal");
}

function closeCode(payload: Buffer): number {
  if (payload.length === 0) return 1005;
  const code = payload.readUInt16BE(0);
  const isKnown =
    LIBRARY_CODES.includes(code) || Object.values(CLOSE_CODES).some((each) => each.code === code);
  // What a peer closed with comes back to it.
  const isEchoed = code >= 1000 && code < 5000 && code !== 1011 && ![1004, 1005, 1006, 1015].includes(code);
  assert.ok(isKnown || isEchoed, `closed with ${code}`);
  return code;
}
