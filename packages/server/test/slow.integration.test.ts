import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RawSocketPeer } from "@parlor/testkit";
import type { ServerFrame } from "@parlor/protocol";
import { childParlor } from "./support/child-parlor.ts";
import { Peer, TextSocket } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";

const MEBIBYTE = 2 ** 20;

/** A subscriber on a bare socket that has stopped reading. */
async function stalled(port: number, room: string): Promise<RawSocketPeer> {
  const peer = await RawSocketPeer.open({ port });
  peer.send({ type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" });
  peer.send({ type: "subscribe", room });
  await peer.readJsonWith({ type: "subscribed" });
  peer.pause();
  return peer;
}

/** Reads on until the offset `last`; throws at a hole or at a message that comes twice. */
async function readAll(peer: RawSocketPeer, last: number): Promise<void> {
  peer.resume();
  let cursor = 0;
  while (cursor < last) {
    const frame = (await peer.readJson()) as ServerFrame;
    if (frame.type === "ping") {
      peer.send({ type: "pong" });
      continue;
    }
    assert.ok(frame.type === "messages", JSON.stringify(frame).slice(0, 100));
    assert.equal(frame.after, cursor);
    for (const { offset } of frame.messages) {
      assert.equal(offset, cursor + 1);
      cursor = offset;
    }
  }
}

describe("slow readers", () => {
  test("[SLOW-50] twenty that stall while 20 MB pass, 400 if it kept them, cost less than 100 MB, delay nobody, and get everything once when they read", async (t) => {
    const server = await childParlor(t);
    const readers = await Promise.all(Array.from({ length: 20 }, () => stalled(server.port, "lobby")));
    t.after(() => {
      for (const reader of readers) reader.destroy();
    });
    const quick = await Peer.join(t, server.port);
    await quick.subscribe("lobby");
    const publisher = await Peer.join(t, server.port);
    const [count, body] = [700, "x".repeat(30_000)];
    // The log's own cache has its fixed size first, so that what grows from here on is due to the readers.
    const filling = 2_000;
    for (let seq = 1; seq <= filling; seq++)
      publisher.send({ type: "publish", room: "elsewhere", seq, body });
    for (let seq = 1; seq <= filling; seq++) await publisher.next("ack");
    const before = await server.residentBytes();

    const delaysMs: number[] = [];
    let peak = 0;
    for (let seq = 1; seq <= count; seq++) {
      const sentAt = performance.now();
      publisher.send({ type: "publish", room: "lobby", seq, body });
      const { messages } = await quick.next("messages");
      delaysMs.push(performance.now() - sentAt);
      assert.equal(messages.at(-1)?.offset, seq);
      await publisher.next("ack");
      if (seq % 70 === 0) peak = Math.max(peak, await server.residentBytes());
    }
    const grownMb = (peak - before) / MEBIBYTE;
    assert.ok(grownMb < 100, `the server grew by ${grownMb.toFixed(1)} MB`);
    delaysMs.sort((a, b) => a - b);
    const p99 = delaysMs[Math.floor(count * 0.99)] as number;
    assert.ok(p99 < 250, `a reader that reads waited ${p99.toFixed(1)} ms`);
    await Promise.all(readers.map((reader) => readAll(reader, count)));
    t.diagnostic(`grew by ${grownMb.toFixed(1)} MB; publish to delivery p99 ${p99.toFixed(1)} ms`);
  });

  test("[SLOW-51] a connection that stalls in two hundred rooms holds no more than one that stalls in one", async (t) => {
    const { port, parlor, origin } = await startParlor(t, { totalSendBufferBytes: 2 ** 30 });
    const rooms = Array.from({ length: 200 }, (_, i) => `room ${i}`);
    const perRoom = 4;
    const body = "x".repeat(60_000);
    for (const room of rooms) for (let i = 0; i < perRoom; i++) await parlor.room(room).publish(body);

    const readers = await Promise.all(Array.from({ length: 4 }, () => RawSocketPeer.open({ port })));
    t.after(() => {
      for (const reader of readers) reader.destroy();
    });
    for (const reader of readers) {
      reader.pause();
      reader.send({ type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" });
      for (const room of rooms) reader.send({ type: "subscribe", room, after: 0 });
    }
    const unsentBytes = async (): Promise<number> => {
      const metrics = await (await fetch(`${origin}/metrics`)).text();
      return Number(/^parlor_send_buffer_bytes (\d+)$/m.exec(metrics)?.[1]);
    };
    // Until no message moves any more: what the kernels take is theirs, the rest waits here. Some bytes trickle into
    // a full kernel for as long as one looks.
    let [last, same, peak] = [-1, 0, 0];
    while (same < 20) {
      const now = await unsentBytes();
      same = Math.abs(now - last) < 1_024 && now > 0 ? same + 1 : 0;
      last = now;
      peak = Math.max(peak, now);
    }
    const bound = readers.length * (MEBIBYTE + 2 * 65_536);
    assert.ok(peak <= bound, `${peak} bytes wait, ${bound} may`);

    for (const reader of readers) {
      reader.resume();
      const cursors = new Map(rooms.map((room) => [room, 0]));
      for (let left = rooms.length * perRoom; left > 0; ) {
        const frame = (await reader.readJson()) as ServerFrame;
        if (frame.type !== "messages") continue;
        assert.equal(frame.after, cursors.get(frame.room));
        cursors.set(frame.room, frame.after + frame.messages.length);
        left -= frame.messages.length;
      }
    }
  });

  test("[SLOW-53] what is published in one room while another has filled the connection comes once it reads", async (t) => {
    const { port, parlor } = await startParlor(t, { sendBufferBytes: 65_536 });
    const rooms = Array.from({ length: 20 }, (_, i) => `room ${i}`);
    using reader = await RawSocketPeer.open({ port });
    reader.send({ type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" });
    for (const room of rooms) {
      reader.send({ type: "subscribe", room });
      await reader.readJsonWith({ type: "subscribed" });
    }
    reader.pause();
    const perRoom = 30;
    for (let i = 0; i < perRoom; i++) {
      for (const room of rooms) await parlor.room(room).publish(`${i}`.padEnd(40_000));
    }
    reader.resume();
    const cursors = new Map(rooms.map((room) => [room, 0]));
    for (let left = rooms.length * perRoom; left > 0; ) {
      const frame = (await reader.readJson()) as ServerFrame;
      if (frame.type === "ping") continue;
      assert.ok(frame.type === "messages");
      assert.equal(frame.after, cursors.get(frame.room), `the chain of ${frame.room}`);
      cursors.set(frame.room, frame.messages.at(-1)?.offset ?? 0);
      left -= frame.messages.length;
    }
    assert.deepEqual(
      [...cursors.values()],
      rooms.map(() => perRoom),
    );
  });

  test("[SLOW-52] a plain room and an event feed that stall read on from the log, too", async (t) => {
    const { port, parlor } = await startParlor(t, { sendBufferBytes: 65_536 });
    const plain = await TextSocket.open(t, `ws://127.0.0.1:${port}/rooms/lobby`);
    using feed = await RawSocketPeer.connect({ port });
    feed.write("GET /rooms/lobby/messages HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
    await feed.readResponse();
    plain.webSocket.pause();
    feed.pause();
    const count = 500;
    for (let i = 1; i <= count; i++) await parlor.room("lobby").publish(`${i} ${"x".repeat(40_000)}`);
    plain.webSocket.resume();
    feed.resume();
    const seen: number[] = [];
    while (seen.length < count) {
      const { messages } = await plain.json();
      seen.push(...(messages as string[]).map((text) => Number.parseInt(text, 10)));
    }
    assert.deepEqual(
      seen,
      Array.from({ length: count }, (_, i) => i + 1),
    );
    let text = "";
    while (!text.includes(`"body":"${count} `))
      text += (await feed.readBytes(Math.max(1, feed.receivedBytes))).toString("latin1");
    const ids = [...text.matchAll(/\nid: [^:]+:(\d+)\r?\ndata/g)].map(([, offset]) => Number(offset));
    assert.deepEqual(
      ids,
      Array.from({ length: count }, (_, i) => i + 1),
    );
  });
});
