import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { appendOf, describeSignalBusContract, until } from "@parlor/testkit";
import { MemoryLog } from "../memory-log.ts";
import { LINK_VERSION } from "./handshake.ts";
import { HostedBus } from "./hosted-bus.ts";
import { encodeLinkFrame, type LinkFrame, LinkFrameReader, linkFrame } from "./link-frame.ts";
import { LogHost } from "./log-host.ts";
import { packQuestion } from "./questions.ts";
import { busFrame, MAX_BUS_WAITING_BYTES, RemoteBus } from "./remote-bus.ts";
import { RemoteLog } from "./remote-log.ts";

/** How long something that has to come may take on a busy machine. */
const PATIENCE_MS = 10_000;

/** An owner with so many workers. */
async function link(
  workers: number,
): Promise<{ host: LogHost; path: string; logs: RemoteLog[]; dispose: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "parlor-bus-"));
  const path = join(folder, "log.sock");
  const owned = new MemoryLog();
  const host = await LogHost.listen({ log: owned, path });
  const logs: RemoteLog[] = [];
  for (let count = 0; count < workers; count++) logs.push(await RemoteLog.open({ path, random: () => 0 }));
  return {
    host,
    path,
    logs,
    dispose: async () => {
      for (const log of logs) await log.close();
      await host.close();
      await owned.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describeSignalBusContract({
  name: "the bus over the log's link",
  create: async (count) => {
    const { logs, dispose } = await link(count);
    return { ends: logs.map((log) => log.bus), dispose };
  },
});

async function linked(
  t: TestContext,
): Promise<{ host: LogHost; path: string; near: RemoteLog; far: RemoteLog }> {
  const { host, path, logs, dispose } = await link(2);
  t.after(dispose);
  const [near, far] = logs as [RemoteLog, RemoteLog];
  return { host, path, near, far };
}

describe("the bus over the log's link, when the link is not well", () => {
  test("[BUS-6] after a link broke it goes on by itself, and what was sent meanwhile reached its own process alone", async (t) => {
    const { host, near, far } = await linked(t);
    const own: string[] = [];
    const other: string[] = [];
    await near.bus.listen("signals/lobby", (text) => own.push(text));
    await far.bus.listen("signals/lobby", (text) => other.push(text));
    const isDown = new Promise<void>((resolve) => {
      const stop = near.onStatus(() => {
        stop();
        resolve();
      });
    });
    host.cutLinks();
    await isDown;
    near.bus.send("signals/lobby", "while it was down");
    assert.deepEqual(own, ["while it was down"]);
    assert.equal(near.bus.dropped, 1);
    assert.ok(await until(() => near.status.kind === "ready" && far.status.kind === "ready", PATIENCE_MS));
    // What the far one asked again is behind this in its link, and answered before it.
    await far.head("lobby");
    near.bus.send("signals/lobby", "again");
    assert.ok(await until(() => other.length > 0, PATIENCE_MS));
    assert.deepEqual(other, ["again"]);
  });

  test("[BUS-6] who begins to listen while the link is down is not kept waiting, and hears once it is back", async (t) => {
    const { host, near, far } = await linked(t);
    const isDown = new Promise<void>((resolve) => {
      const stop = far.onStatus(() => {
        stop();
        resolve();
      });
    });
    host.cutLinks();
    await isDown;
    const heard: string[] = [];
    await far.bus.listen("signals/lobby", (text) => heard.push(text));
    assert.ok(await until(() => near.status.kind === "ready" && far.status.kind === "ready", PATIENCE_MS));
    await far.head("lobby");
    near.bus.send("signals/lobby", "back");
    assert.ok(await until(() => heard.length === 1, PATIENCE_MS));
    assert.deepEqual(heard, ["back"]);
  });

  test("[BUS-7] a link that does not take more is sent no texts of the bus: they are dropped and counted", async () => {
    const sent: LinkFrame[] = [];
    const waiting = { bytes: MAX_BUS_WAITING_BYTES };
    const bus = new RemoteBus({
      isUp: true,
      get waitingBytes() {
        return waiting.bytes;
      },
      send: (frame) => sent.push(frame),
      listen: () => Promise.resolve(),
    });
    bus.send("signals/lobby", "fits");
    waiting.bytes += 1;
    bus.send("signals/lobby", "does not");
    assert.deepEqual([sent.length, bus.dropped], [1, 1]);
  });

  test("[BUS-7] the owner drops for the worker that takes nothing, tells the others, and counts it", () => {
    const bus = new HostedBus();
    const member = (waitingBytes: number) => {
      const got = { texts: 0, missed: 0 };
      const sendBytes = (): void => void (got.texts += 1);
      const missed = (): void => void (got.missed += 1);
      return { waitingBytes, got, sendBytes, missed };
    };
    const [sender, quick, stalled] = [member(0), member(0), member(MAX_BUS_WAITING_BYTES + 1)];
    for (const each of [sender, quick, stalled]) bus.listen("signals/lobby", each);
    bus.relay(busFrame("signals/lobby", "hello"), sender);
    assert.deepEqual(
      [sender.got, quick.got, stalled.got],
      [
        { texts: 0, missed: 0 },
        { texts: 1, missed: 0 },
        { texts: 0, missed: 1 },
      ],
    );
    bus.leave(quick);
    bus.relay(busFrame("signals/lobby", "hello"), sender);
    assert.equal(quick.got.texts, 1);
  });

  test("[BUS-7] a worker that took nothing for a while is told how much it missed, once it takes again", async (t) => {
    const { path, near } = await linked(t);
    const slow = connect(path);
    t.after(() => slow.destroy());
    await once(slow, "connect");
    const { text, numbers } = packQuestion({ kind: "bus-listen", channel: "signals/lobby" });
    slow.write(
      encodeLinkFrame(linkFrame("hello", 0, JSON.stringify({ link: LINK_VERSION, build: "unknown" }))),
    );
    slow.write(encodeLinkFrame(linkFrame("ask", 1, text, numbers)));
    const reader = new LinkFrameReader();
    const frames: LinkFrame[] = [];
    slow.on("data", (chunk: Buffer) => frames.push(...reader.take(chunk)));
    while (!frames.some(({ kind }) => kind === "value")) await once(slow, "data");
    slow.pause();
    const COUNT = 100;
    for (let count = 0; count < COUNT; count++) {
      near.bus.send("signals/lobby", "x".repeat(60_000));
      // Answered behind the text on the same link, so the owner has passed it on, or dropped it.
      await near.head("lobby");
    }
    assert.equal(near.bus.dropped, 0);
    slow.resume();
    const missed = (): number => frames.find(({ kind }) => kind === "bus-dropped")?.tag ?? 0;
    while (missed() === 0) await once(slow, "data");
    assert.equal(missed() + frames.filter(({ kind }) => kind === "bus").length, COUNT);
  });

  test("[BUS-7] a flood on the bus is in no way of the log: an append behind it is answered", async (t) => {
    const { near, far } = await linked(t);
    let heard = 0;
    await far.bus.listen("signals/lobby", () => void (heard += 1));
    const text = "x".repeat(10_000);
    for (let count = 0; count < 2_000; count++) near.bus.send("signals/lobby", text);
    const { kind } = await near.append(appendOf("lobby", 1));
    assert.equal(kind, "appended");
    assert.ok(near.bus.dropped > 0, "20 MB in one turn are more than a link takes");
    assert.ok(await until(() => heard > 0, PATIENCE_MS));
  });
});
