import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryBus } from "@parlor/log";
import { FakeClock, TcpProxy, until } from "@parlor/testkit";
import type { ServerFrame } from "@parlor/protocol";
import { exchange, StreamReader } from "./support/exchange.ts";
import { startParlor } from "./support/parlor-server.ts";
import { freshKey, Peer } from "./support/peer.ts";

const KEYS = 10;
const PAD = "x".repeat(4_000);
const subscribe = { type: "subscribe", room: "prices", state: true };

/** Changes every key so often; what one of its values says is the round. */
async function change(
  room: { set(key: string, value: unknown): Promise<unknown> },
  rounds: number,
): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    await Promise.all(Array.from({ length: KEYS }, (_, key) => room.set(`k${key}`, [round, PAD])));
  }
}

function roundsOf(frame: ServerFrame): number[] {
  if (frame.type !== "state") return [];
  return Object.values(frame.entries).map((value) => (value as [number, string])[0]);
}

describe("the pace of state", () => {
  test("[STATE-13] a peer that stops reading is sent no more than a window ahead, and then the newest at once", async (t) => {
    const { parlor, port } = await startParlor(t);
    await using proxy = await TcpProxy.listen(port);
    const peer = await Peer.join(t, proxy.port);
    const room = parlor.room("prices");
    peer.send(subscribe);
    await peer.next("subscribed");
    await peer.next("state");
    // It has answered before.
    await change(room, 1);
    while (!roundsOf(await peer.any()).includes(1));

    proxy.pause("to-client");
    // 10 MB, which the system's buffers alone would take a good part of.
    await change(room, 250);
    proxy.resume("to-client");
    let bytes = 0;
    const newest = new Set<string>();
    while (newest.size < KEYS) {
      const frame = await peer.any();
      if (frame.type !== "state") continue;
      bytes += JSON.stringify(frame).length;
      for (const [key, value] of Object.entries(frame.entries)) {
        if ((value as [number, string])[0] === 250) newest.add(key);
      }
    }
    // A window, the frame that went beyond it, and the newest of each key.
    assert.ok(bytes < 65_536 + 3 * KEYS * (PAD.length + 20), `${bytes} bytes until it has the newest`);
  });

  test("[STATE-14] a stream that says pongs=1 is sent no more than it has read, whichever process hears of that", async (t) => {
    const clock = new FakeClock();
    const bus = new MemoryBus();
    const { parlor, origin, log } = await startParlor(t, { clock, bus });
    const other = await startParlor(t, { log, bus });
    const hello = { type: "hello", version: 1, producer: "producer-1", key: freshKey() };
    const stream = await StreamReader.open(t, origin, [hello, subscribe], {}, "?pongs=1");
    const room = parlor.room("prices");
    const seen = { pings: 0, bytes: 0, rounds: new Set<number>(), said: 0 };
    void (async () => {
      for (;;) {
        const frame = await stream.frames.next();
        seen.pings += frame.type === "ping" ? 1 : 0;
        seen.said += frame.type === "messages" ? frame.messages.length : 0;
        if (frame.type === "state") seen.bytes += JSON.stringify(frame).length;
        for (const round of roundsOf(frame)) seen.rounds.add(round);
      }
    })().catch(() => undefined);
    const comes = async (isSo: () => boolean, what: string): Promise<void> =>
      assert.ok(await until(async () => (await clock.advanceAsync(10), isSo()), 20_000), what);
    /** What was on its way has come when this has. */
    const saySomething = async (): Promise<void> => {
      const before = seen.said;
      await room.publish("here");
      await comes(() => seen.said > before, "a message");
    };

    await comes(() => seen.pings === 1, "the first ping");
    const changed = change(room, 100);
    await comes(() => seen.rounds.size > 0, "a state");
    await changed;
    await saySomething();
    assert.ok(seen.bytes < 32_768 + 2 * KEYS * (PAD.length + 20), `${seen.bytes} bytes without a pong`);
    assert.ok(!seen.rounds.has(100));

    let answered = 0;
    const answersUntil = async (at: string, isSo: () => boolean): Promise<void> => {
      while (!isSo()) {
        await comes(() => isSo() || seen.pings > answered, "the newest, or a ping");
        if (seen.pings === answered) continue;
        answered = seen.pings;
        assert.deepEqual(await exchange(at, "send", hello, { type: "pong" }), []);
      }
    };
    await answersUntil(other.origin, () => seen.rounds.has(100));

    const more = change(room, 200);
    await comes(() => seen.pings > answered, "a ping behind more");
    await more;
    await saySomething();
    assert.ok(!seen.rounds.has(200), "no further without a pong");
    const asked = seen.pings;
    await clock.advanceAsync(5_000);
    await comes(() => seen.pings > asked, "a pong that does not come is asked for again");
    await answersUntil(origin, () => seen.rounds.has(200));
  });

  test("[STATE-13] over a stream no state waits in the server behind one that the system has not taken", async (t) => {
    const { parlor, origin, port } = await startParlor(t);
    await using proxy = await TcpProxy.listen(port);
    const hello = { type: "hello", version: 1, producer: "producer-1", key: freshKey() };
    const stream = await StreamReader.open(t, `http://127.0.0.1:${proxy.port}`, [hello, subscribe]);
    for (const type of ["welcome", "subscribed", "state"] as const) await stream.next(type);
    proxy.pause("to-client");
    await change(parlor.room("prices"), 250);
    const metrics = await (await fetch(`${origin}/metrics`)).text();
    const [, waiting = ""] = /^parlor_send_buffer_bytes (\d+)$/m.exec(metrics) ?? [];
    assert.ok(Number(waiting) < 3 * KEYS * (PAD.length + 20), `${waiting} bytes wait`);
    proxy.resume("to-client");
    const rounds = async (): Promise<boolean> => roundsOf(await stream.frames.next()).includes(250);
    while (!(await rounds()));
  });

  test("[STATE-13] a peer that answers no pings is sent its state all the same, after a while", async (t) => {
    const clock = new FakeClock();
    const { parlor, port } = await startParlor(t, { clock });
    const peer = await Peer.knock(t, port);
    peer.seePings();
    await peer.hello({ key: freshKey() });
    peer.send(subscribe);
    await peer.next("subscribed");
    await peer.next("state");
    let hasNewest = false;
    void (async () => {
      while (!hasNewest) hasNewest = roundsOf(await peer.any()).includes(30);
    })();
    const changed = change(parlor.room("prices"), 30);
    const isThere = async (): Promise<boolean> => {
      await clock.advanceAsync(500);
      return hasNewest;
    };
    assert.ok(await until(isThere, 20_000));
    await changed;
  });
});
