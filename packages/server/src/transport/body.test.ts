import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { BodyPlaces } from "../session/body-places.ts";
import { type BodyResult, readBody } from "./body.ts";
import { answerErrorUnread, answerJson } from "./http-answer.ts";

const HEAD = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n";

/** Serves one request whose bytes `send` writes; gives what was read of its body, and the socket. */
async function read(
  maxBytes: number,
  send: (socket: Socket) => void | Promise<void>,
): Promise<{ result: BodyResult; answer: string }> {
  const clock = new FakeClock();
  const results: Promise<BodyResult>[] = [];
  const server = createServer((request, response) => {
    const reading = readBody(request, maxBytes, {
      address: "192.0.2.1",
      places: new BodyPlaces(() => undefined),
    });
    results.push(reading);
    void reading.then((result) => {
      if (result.kind === "text") answerJson(response, 200, "ok", { connection: "close" });
      if (result.kind === "refused") answerErrorUnread(request, response, result.error, clock);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.on("error", () => socket.destroy());
  let answer = "";
  socket.on("data", (chunk) => {
    answer += String(chunk);
    clock.advance(1_000);
  });
  const closed = new Promise((resolve) => socket.on("close", resolve));
  const arrived = once(server, "request");
  await send(socket);
  await arrived;
  const result = await (results[0] ?? assert.fail("no request came"));
  if (result.kind !== "aborted") await closed;
  socket.destroy();
  server.closeAllConnections();
  server.close();
  return { result, answer };
}

/** A request with a body of known length. */
const post =
  (body: string | Uint8Array, head = HEAD) =>
  (socket: Socket) => {
    socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`);
    socket.write(body);
  };

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

describe("readBody", () => {
  test("[REST-23] gives the whole body as text, up to the last byte that is allowed", async () => {
    assert.deepEqual((await read(10, post('"Grüße"'))).result, { kind: "text", text: '"Grüße"' });
    const exactly = "x".repeat(100_000);
    assert.deepEqual((await read(100_000, post(exactly))).result, { kind: "text", text: exactly });
    assert.deepEqual((await read(10, post(""))).result, { kind: "text", text: "" });
  });

  test("[REST-23] a body in thousands of single bytes is the same body (B42)", async () => {
    const pieces = Array.from({ length: 20_000 }, (_, i) => String(i % 10));
    const { result } = await read(20_000, (socket) => {
      socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
      for (const piece of pieces) socket.write(chunk(piece));
      socket.write("0\r\n\r\n");
    });
    assert.deepEqual(result, { kind: "text", text: pieces.join("") });
  });

  test("[GROW-78] of a large body that is there at once, one piece is taken in a turn", async () => {
    const piece = Buffer.alloc(65_536, "x");
    const headers = { "content-type": "application/json" };
    const request = Object.assign(new Readable({ read: () => undefined }), { headers });
    const reading = readBody(request as unknown as IncomingMessage, 2_000_000, {
      address: "192.0.2.1",
      places: new BodyPlaces(() => undefined),
    });
    let turn = 0;
    const turns = new Set<number>();
    request.on("data", () => turns.add(turn));
    for (let i = 0; i < 16; i++) request.push(piece);
    request.push(null);
    let isRead = false;
    void reading.then(() => (isRead = true));
    for (; !isRead; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(await reading, { kind: "text", text: String(piece).repeat(16) });
    // This loop and that one count by turns of their own.
    assert.ok(turns.size >= 8, `${turns.size} turns`);
  });

  test("[GROW-9] a body that announces too much is refused before a byte of it is read (B40)", async () => {
    const { result, answer } = await read(1_000, (socket) => {
      socket.write(`${HEAD}Content-Length: 1001\r\n\r\n`);
    });
    assert.equal(result.kind, "refused");
    assert.match(answer, /^HTTP\/1\.1 413 /);
    assert.match(answer, /"too-large"/);
  });

  test("[GROW-9] a body of unannounced length is refused at the first byte too many (B40, B42)", async () => {
    const { result, answer } = await read(1_000, (socket) => {
      socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunk("x".repeat(1_000))}`);
      socket.write(chunk("x"));
    });
    assert.equal(result.kind, "refused");
    assert.match(answer, /^HTTP\/1\.1 413 /);
    assert.match(answer, /connection: close/i);
  });

  test("[REST-22] what a form of another site could send is 415", async () => {
    const host = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    for (const type of [
      "",
      "Content-Type: text/plain\r\n",
      "Content-Type: application/x-www-form-urlencoded\r\n",
      "Content-Type: multipart/form-data; boundary=x\r\n",
      "Content-Type: text/plain; application/json\r\n",
      "Content-Type: application/jsonp\r\n",
      "Content-Type: application/json; charset=utf-16\r\n",
      "Content-Type: application/json\r\nContent-Encoding: gzip\r\n",
    ]) {
      const { result, answer } = await read(100, post("{}", host + type));
      assert.equal(result.kind, "refused", type);
      assert.match(answer, /^HTTP\/1\.1 415 /, type);
      assert.match(answer, /"bad-frame"/);
    }
  });

  test("[REST-22] both JSON types are taken, with or without their charset", async () => {
    for (const type of ["application/json", "Application/X-NDJSON", 'application/json; charset="UTF-8"']) {
      const { result } = await read(
        100,
        post("{}", `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${type}\r\n`),
      );
      assert.equal(result.kind, "text", type);
    }
  });

  test("[REST-24] bytes that are not UTF-8 are refused and never repaired", async () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0xc0, 0xae],
      [0xed, 0xa0, 0x80],
      [0xf0, 0x9f, 0x98],
    ]) {
      const { result, answer } = await read(100, post(Uint8Array.from(bytes)));
      assert.equal(result.kind, "refused");
      assert.match(answer, /^HTTP\/1\.1 400 /);
      assert.match(answer, /UTF-8/);
    }
  });

  test("[REST-25] a peer that goes away in the middle is nobody to answer", async () => {
    const { result } = await read(100, async (socket) => {
      await new Promise<void>((sent) => {
        socket.write(`${HEAD}Content-Length: 50\r\n\r\nhalf`, () => sent());
      });
      socket.end();
    });
    assert.equal(result.kind, "aborted");
  });
});
