import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { describe, test } from "node:test";
import { MemoryLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import { encodeRawFrame, FakeClock, OPCODES, RawSocketPeer, until } from "@parlor/testkit";
import { startParlor, type RunningParlor } from "./support/parlor-server.ts";
import { burstOfUpgrades } from "./support/upgrade-burst.ts";

const HELLO = { type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" };

const PLAIN = {
  from: "somebody",
  producer: "producer-0",
  afterSeq: 0,
  remember: false,
  admit: "any",
} as const;

async function joined(port: number): Promise<RawSocketPeer> {
  const peer = await RawSocketPeer.open({ port });
  peer.send(HELLO);
  assert.equal(((await peer.readJson()) as { type: string }).type, "welcome");
  return peer;
}

/** How often a connection was not read for a while: where it had its frames of a turn, and more. */
async function waits({ origin }: RunningParlor, reason = "turn"): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Number(
    new RegExp(`^parlor_reading_paused_total\\{reason="${reason}"\\} (\\d+)$`, "m").exec(text)?.[1],
  );
}

describe("turns of the event loop", () => {
  test("[GROW-70] two thousand frames in one segment are taken in many turns, each answered, in order", async (t) => {
    const server = await startParlor(t);
    using peer = await joined(server.port);
    const ids = Array.from({ length: 2_000 }, (_, i) => i + 1);
    const frames = ids.map((seq) =>
      encodeRawFrame({ payload: JSON.stringify({ type: "publish", room: "bad\u0000room", seq, body: 0 }) }),
    );
    peer.write(Buffer.concat(frames));
    for (const seq of ids) {
      const answer = (await peer.readJson()) as { seq: number; code: string };
      assert.deepEqual([answer.seq, answer.code], [seq, "bad-room"]);
    }
    const count = await waits(server);
    assert.ok(count >= 40, `it waited ${count} times`);
  });

  test("[GROW-70] pings by the thousand wait for their turns too, and a frame among them keeps its place", async (t) => {
    const server = await startParlor(t);
    using peer = await joined(server.port);
    const ping = (i: number): Buffer => encodeRawFrame({ opcode: OPCODES.ping, payload: String(i) });
    const middle = encodeRawFrame({ payload: '{"type":"unknown"}' });
    const pings = Array.from({ length: 1_000 }, (_, i) => ping(i));
    peer.write(Buffer.concat([...pings.slice(0, 500), middle, ...pings.slice(500)]));
    let newest = -1;
    let isAnswered = false;
    while (newest < 999 || !isAnswered) {
      const { opcode, payload } = await peer.readFrame();
      // Some of them share a pong, which is that of the newest.
      if (opcode === OPCODES.pong) assert.ok(Number(payload.toString()) > newest);
      if (opcode === OPCODES.pong) newest = Number(payload.toString());
      else isAnswered = payload.toString().includes("unknown-frame");
    }
    const count = await waits(server);
    assert.ok(count >= 20, `it waited ${count} times`);
  });

  test("[GROW-71] two hundred upgrades at once are all answered, and of who left before its turn nothing is held", async (t) => {
    const log = new MemoryLog();
    const parlor = new Parlor({ log, connectionsPerAddress: Infinity });
    const listener = createServer();
    parlor.attach(listener);
    t.after(async () => {
      await parlor.close();
      await log.close();
    });
    // Behind Parlor's own ear: the first of a turn are answered by now, and the others wait. A hundred of
    // these are gone before their turn, as where the reset of a peer was read.
    let came = 0;
    listener.on("upgrade", (_request, socket: Duplex) => {
      came += 1;
      if (came > 50 && came <= 150) socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    t.after(() => void listener.close());
    const { port } = listener.address() as AddressInfo;
    const peers = await burstOfUpgrades(t, port, 200);
    const answers = await Promise.allSettled(peers.map((peer) => peer.readResponse()));
    const statuses = answers.map((answer) => (answer.status === "fulfilled" ? answer.value.status : "left"));
    assert.deepEqual([statuses.filter((each) => each === 101).length, came], [100, 200]);
    const open = async (): Promise<number> => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return Number(/^parlor_bound_used\{bound="connections"\} (\d+)$/m.exec(text)?.[1]);
    };
    assert.equal(await open(), 100);
    for (const peer of peers) peer.destroy();
    assert.ok(await until(async () => (await open()) === 0, 10_000), "none is held");
  });

  test("[GROW-73] eight large bodies are read at a time, small ones beside them at once, and the ninth when one has ended", async (t) => {
    const server = await startParlor(t, { maxBodyBytes: 200_000 });
    const post = async (bytes: number, left: number): Promise<RawSocketPeer> => {
      const peer = await RawSocketPeer.connect({ port: server.port });
      t.after(() => peer[Symbol.dispose]());
      const body = JSON.stringify("m".repeat(bytes - 2));
      peer.write(
        `POST /rooms/lobby/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n` +
          `Content-Length: ${bytes}\r\n\r\n${body.slice(0, bytes - left)}`,
      );
      return peer;
    };
    const large = await Promise.all(Array.from({ length: 8 }, () => post(200_000, 1)));
    const free = 98_304;
    const ninth = await post(free + 1, 0);
    assert.ok(await until(async () => (await waits(server, "body")) === 1, 10_000), "the ninth waits");
    for (const bytes of [1_000, free]) {
      assert.equal((await (await post(bytes, 0)).readResponse()).status, 201, `${bytes} bytes`);
    }
    const [first] = large;
    first?.write('"');
    assert.equal((await first?.readResponse())?.status, 201);
    assert.equal((await ninth.readResponse()).status, 201, "it has all of its bytes");
  });

  test("[GROW-74] what was read as history is waited for by who catches up: a server has one pace", async (t) => {
    const clock = new FakeClock();
    const log = new MemoryLog();
    const body = JSON.stringify("m".repeat(60_000));
    for (let seq = 1; seq <= 24; seq++) await log.append({ ...PLAIN, room: "lobby", seq, bodyJson: body });
    const server = await startParlor(t, { clock, log });
    using peer = await joined(server.port);
    for (let before = 25; before > 1; ) {
      const response = await fetch(`${server.origin}/rooms/lobby/messages?before=${before}`);
      const page = (await response.json()) as { readonly messages: readonly { readonly offset: number }[] };
      before = page.messages[0]?.offset ?? 0;
      // The last of them may have to wait itself.
      if (before <= 5) break;
    }
    const paced = async (): Promise<number> => {
      const text = await (await fetch(`${server.origin}/metrics`)).text();
      return Number(/^parlor_reads_paced_total (\d+)$/m.exec(text)?.[1]);
    };
    assert.equal(await paced(), 0);
    // A message alone: of its own a read as small never waits.
    peer.send({ type: "subscribe", room: "lobby", last: 1 });
    assert.ok(await until(async () => (await paced()) === 1, 10_000), "it waits");
    clock.advance(1_000);
    const told = [await peer.readJson(), await peer.readJson()] as { readonly type: string }[];
    assert.deepEqual(
      told.map(({ type }) => type),
      ["subscribed", "messages"],
    );
  });
});
