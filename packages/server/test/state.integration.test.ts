import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { MemoryLog, sideRoom, SqliteLog } from "@parlor/log";
import type { ServerFrame, StateFrame } from "@parlor/protocol";
import { Parlor } from "@parlor/server";
import { LateLog } from "./support/late-log.ts";
import { startParlor } from "./support/parlor-server.ts";
import { Peer } from "./support/peer.ts";
import { temporaryFolder } from "./support/sqlite-folder.ts";
import { read, set, View } from "./support/state-view.ts";

async function reader(
  t: TestContext,
  port: number,
  state: true | number = true,
): Promise<[Peer, StateFrame]> {
  const peer = await Peer.join(t, port);
  peer.send(read("prices", state));
  await peer.next("subscribed");
  return [peer, await peer.next("state")];
}

describe("state", () => {
  test("[STATE-1] who comes gets the whole of it, then what changes, and who comes back only what is newer", async (t) => {
    const { parlor, port } = await startParlor(t);
    const room = parlor.room("prices");
    await room.set("AAPL", { bid: 1 });
    await room.set("IBM", 2);
    const [peer, first] = await reader(t, port);
    assert.deepEqual([first.full, first.more, first.entries], [true, false, { AAPL: { bid: 1 }, IBM: 2 }]);

    await room.set("IBM", 3);
    const change = await peer.next("state");
    assert.deepEqual([change.full, change.entries], [false, { IBM: 3 }]);
    assert.ok(change.version > first.version);

    await room.set("AAPL", null);
    const removal = await peer.next("state");
    assert.deepEqual(removal.entries, { AAPL: null });

    const [, missed] = await reader(t, port, first.version);
    assert.deepEqual([missed.full, missed.entries], [false, { IBM: 3, AAPL: null }]);
    const [, nothing] = await reader(t, port, removal.version);
    assert.deepEqual([nothing.full, nothing.entries, nothing.version], [false, {}, removal.version]);
    const [, unknown] = await reader(t, port, removal.version + 7);
    assert.deepEqual([unknown.full, unknown.entries], [true, { IBM: 3 }]);
    assert.deepEqual(await room.state(), new Map([["IBM", 3]]));
  });

  test("[STATE-15] the server replaces a state by what differs, and nothing else is written or told", async (t) => {
    const { parlor, port, log } = await startParlor(t);
    const room = parlor.room("prices");
    await room.replaceState(
      new Map<string, unknown>([
        ["a", { bid: 1 }],
        ["b", 2],
        ["c", 3],
      ]),
    );
    const [peer, first] = await reader(t, port);
    assert.deepEqual(first.entries, { a: { bid: 1 }, b: 2, c: 3 });
    const { head } = await log.head(sideRoom("state", "prices"));
    await room.replaceState(
      new Map<string, unknown>([
        ["a", { bid: 1 }],
        ["b", 5],
      ]),
    );
    const view = new View().take(first);
    while (view.entries.size > 2) {
      const change = await peer.next("state");
      assert.ok(!("a" in change.entries));
      view.take(change);
    }
    assert.deepEqual(view.object, { a: { bid: 1 }, b: 5 });
    assert.equal((await log.head(sideRoom("state", "prices"))).head, head + 2);
    await assert.rejects(
      room.replaceState(
        new Map<string, unknown>([
          ["", 1],
          ["d", 4],
        ]),
      ),
      { code: "bad-frame" },
    );
    assert.deepEqual([...(await room.state()).keys()], ["d"], "the others are as they were asked to be");
  });

  test("[STATE-5] a change is answered where its `id` asks for that, in order, and is told to its setter too", async (t) => {
    const { port } = await startParlor(t);
    const [peer] = await reader(t, port);
    peer.send(set("a", 1, { id: 1 }), set("a", 2, { id: 2 }), set("b", [null]), set("c", null, { id: 3 }));
    const view = new View();
    const replies: number[] = [];
    while (replies.length < 3 || view.entries.size < 2) {
      const frame = await peer.any();
      if (frame.type === "state") view.take(frame);
      else if (frame.type === "reply") replies.push(frame.id);
      else assert.fail(JSON.stringify(frame));
    }
    assert.deepEqual(
      replies.toSorted((a, b) => a - b),
      [1, 2, 3],
    );
    assert.deepEqual(view.object, { a: 2, b: [null] });
  });

  test("[STATE-6] refusals name room and key, and change nothing", async (t) => {
    const { parlor, port } = await startParlor(t, {
      maxBodyBytes: 1_000,
      authorize: ({ action, room, body }) =>
        action !== "set" || body !== "forbidden" || { code: "forbidden", message: `Not in ${room}.` },
    });
    const peer = await Peer.join(t, port);
    const refuse = async (frame: object): Promise<string> => {
      peer.send(frame);
      const { code, to, room, key, id } = await peer.next("error");
      return `${code} ${to} ${room} ${key} ${id}`;
    };
    assert.equal(await refuse(set("a", "forbidden", { id: 4 })), "forbidden set prices a 4");
    assert.equal(await refuse(set("a", "x".repeat(999))), "too-large set prices a undefined");
    assert.equal(await refuse({ ...set("a", 1), room: "@server" }), "forbidden set @server a undefined");
    assert.equal(await refuse(set("\ud800", 1)), "bad-frame set prices \ud800 undefined");
    assert.deepEqual(await parlor.room("prices").state(), new Map());
    await assert.rejects(parlor.room("prices").set("", 1), { code: "bad-frame" });
    await assert.rejects(parlor.room("prices").set("a", "x".repeat(999)), { code: "too-large" });
  });

  test("[STATE-6] a change costs what a publish costs", async (t) => {
    const { port } = await startParlor(t, { publishPerSecond: 1 });
    const peer = await Peer.join(t, port);
    for (let i = 1; i <= 20; i++) peer.send(set("a", i, { id: i }));
    const frames: ServerFrame[] = [];
    while (frames.length < 20) frames.push(await peer.any());
    const refused = frames.find((frame) => frame.type === "error");
    assert.deepEqual([refused?.code, refused?.to], ["rate-limited", "set"]);
    assert.ok((refused?.retryAfterMs ?? 0) > 0);
    assert.ok(frames.filter((frame) => frame.type === "reply").length >= 5);
  });

  test("[STATE-7] a room's state holds so many keys and so many bytes; what is there can still be changed", async (t) => {
    const { parlor, port } = await startParlor(t);
    const { maxStateKeys, maxStateBytes } = (await (await Peer.knock(t, port)).hello({ key: "k".repeat(22) }))
      .limits;
    const room = parlor.room("keys");
    // All at once: what is on its way counts.
    const results = await Promise.allSettled(
      Array.from({ length: maxStateKeys + 5 }, (_, i) => room.set(`k${i}`, i)),
    );
    assert.equal(results.filter(({ status }) => status === "rejected").length, 5);
    assert.equal((await room.state()).size, maxStateKeys);
    await room.set("k0", "changed");
    await room.set("k1", null);
    await room.set("one more", 1);
    await assert.rejects(room.set("too many", 1), { code: "too-large" });

    const large = parlor.room("bytes");
    const value = "x".repeat(60_000);
    const fit = Math.floor(maxStateBytes / 60_004);
    const keys = Array.from({ length: fit + 3 }, (_, i) => String(i).padStart(2, "0"));
    const sets = await Promise.allSettled(keys.map((key) => large.set(key, value)));
    assert.equal(sets.filter(({ status }) => status === "rejected").length, 3);
    await assert.rejects(large.set("more", value), { code: "too-large" });
    await large.set("00", value);
  });

  test("[STATE-2] a state of many frames comes whole, and what changes meanwhile comes behind it", async (t) => {
    const { parlor, port } = await startParlor(t);
    const room = parlor.room("prices");
    for (let i = 0; i < 12; i++) await room.set(`k${i}`, "x".repeat(20_000));
    const [peer, first] = await reader(t, port);
    assert.deepEqual([first.full, first.more], [true, true]);
    const view = new View().take(first);
    let last = first;
    while (last.more === true) {
      last = await peer.next("state");
      assert.equal(last.full, false);
      view.take(last);
    }
    assert.equal(view.entries.size, 12);
    const [, rest] = await reader(t, port, first.version);
    assert.equal(rest.full, false, "a part of it is a place to go on from");
    assert.ok(!Object.keys(first.entries).some((key) => key in rest.entries));
  });

  test("[STATE-3] [STATE-4] a reader that takes nothing costs nothing, and gets the newest of each key afterwards", async (t) => {
    const { parlor, port } = await startParlor(t, { sendBufferBytes: 65_536 });
    const room = parlor.room("prices");
    const [slow] = await reader(t, port);
    slow.socket.webSocket.pause();
    const pad = "x".repeat(10_000);
    for (let i = 1; i <= 3_000; i++) await room.set(`k${i % 5}`, { i, pad });
    slow.socket.webSocket.resume();
    const view = new View();
    let frames = 0;
    while ((view.entries.get("k0") as { i: number } | undefined)?.i !== 3_000) {
      view.take(await slow.next("state"));
      frames += 1;
    }
    assert.ok(frames < 2_000, `${frames} frames for 3,000 changes`);
    for (let i = 2_996; i <= 3_000; i++) assert.equal((view.entries.get(`k${i % 5}`) as { i: number }).i, i);
  });

  test("[STATE-8] it is kept with the log: another server on it goes on, also where it was compacted", async (t) => {
    const folder = await temporaryFolder(t);
    const open = async (): Promise<[SqliteLog, Parlor, number]> => {
      const log = await SqliteLog.open({ folder });
      const parlor = new Parlor({ log, publishPerSecond: Infinity });
      return [log, parlor, (await parlor.listen({ port: 0 })).port];
    };
    const [log, parlor, port] = await open();
    const room = parlor.room("prices");
    await room.set("old", "kept");
    const [peer, first] = await reader(t, port);
    let done: Promise<unknown> = Promise.resolve();
    for (let i = 1; i <= 2_500; i++) done = room.set(`k${i % 3}`, i);
    await done;
    // So few are left behind the last of it: on a slow machine there are two, and the cursor is to be behind both.
    const left = async (): Promise<number> => {
      const { earliest, head } = await log.head(sideRoom("state", "prices"));
      return head - earliest;
    };
    const again = (): Promise<unknown> =>
      Promise.all(Array.from({ length: 20 }, () => room.set("k0", "again")));
    while ((await left()) > 990) await again();
    await room.set("k0", 2_499);
    const { version } = await room.set("gone", null);
    await peer.leave();
    await parlor.close();
    await log.close();

    const [log2, parlor2, port2] = await open();
    t.after(async () => {
      await parlor2.close();
      await log2.close();
    });
    const whole = { old: "kept", k0: 2_499, k1: 2_500, k2: 2_498 };
    const [, anew] = await reader(t, port2);
    assert.deepEqual(anew.entries, whole);
    const [, since] = await reader(t, port2, version);
    assert.deepEqual([since.full, since.entries], [false, {}]);
    const [, long] = await reader(t, port2, first.version);
    assert.deepEqual(
      [long.full, long.entries],
      [true, whole],
      "what was removed since then is not known any more",
    );
  });

  test("[STATE-16] a key that another process set a moment ago is removed also where that was not seen yet", async (t) => {
    const log = new LateLog();
    const { parlor, port } = await startParlor(t, { log });
    const room = parlor.room("prices");
    await room.set("b", 1);
    const peer = await Peer.join(t, port);
    log.hold();
    const another = { from: "ada", producer: "another-process", seq: 1, afterSeq: 0 } as const;
    const bodyJson = '{"key":"a","value":1}';
    await log.append({
      ...another,
      room: sideRoom("state", "prices"),
      bodyJson,
      remember: false,
      admit: "any",
    });
    peer.send(set("a", null), set("c", 1, { id: 1 }));
    // What is behind it was written, so it was decided.
    while ((await log.head(sideRoom("state", "prices"))).head < 3) await turn();
    log.letGo();
    await peer.next("reply");
    assert.deepEqual([...(await room.state()).keys()], ["b", "c"]);
  });

  test("[STATE-9] a volatile state is not written to the log, and a version of before a restart is none after it", async (t) => {
    const log = new MemoryLog();
    const open = async (): Promise<[Parlor, number]> => {
      const parlor = new Parlor({ log, volatileState: (room) => room === "prices" });
      return [parlor, (await parlor.listen({ port: 0 })).port];
    };
    const [parlor, port] = await open();
    await parlor.room("prices").set("a", 1);
    await parlor.room("kept").set("a", 1);
    const [, { version }] = await reader(t, port);
    assert.deepEqual(
      (await log.rooms("", 10)).map(({ room }) => room),
      [sideRoom("state", "kept")],
    );
    await parlor.close();
    const [parlor2, port2] = await open();
    t.after(() => parlor2.close());
    await parlor2.room("prices").set("b", 2);
    const [, again] = await reader(t, port2, version);
    assert.deepEqual([again.full, again.entries], [true, { b: 2 }]);
    assert.deepEqual(await parlor2.room("kept").state(), new Map([["a", 1]]));
  });

  test("[STATE-11] a deleted room takes its state with it, and an older version is none of the new one", async (t) => {
    const { parlor, port } = await startParlor(t);
    const room = parlor.room("prices");
    await room.publish("there");
    const { version } = await room.set("a", 1);
    const [peer] = await reader(t, port);
    assert.equal(await room.delete(), true);
    assert.equal((await peer.next("unsubscribed")).room, "prices");
    await room.set("b", 2);
    await room.set("c", 3);
    const [, again] = await reader(t, port, version);
    assert.deepEqual([again.full, again.entries], [true, { b: 2, c: 3 }]);
  });

  test("[STATE-12] who is no longer subscribed is told of no change, and the right to read is that to subscribe", async (t) => {
    let isAllowed = true;
    const { parlor, port } = await startParlor(t, {
      authorize: ({ action }) => action !== "subscribe" || isAllowed,
    });
    const [left] = await reader(t, port);
    const [thrown] = await reader(t, port);
    left.send({ type: "unsubscribe", room: "prices" });
    await left.next("unsubscribed");
    isAllowed = false;
    parlor.recheck();
    await thrown.next("unsubscribed");
    await parlor.room("prices").set("a", 1);
    assert.deepEqual(await left.untilPong(), []);
    assert.deepEqual(await thrown.untilPong(), []);
  });
});
