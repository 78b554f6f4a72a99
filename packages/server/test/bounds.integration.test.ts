import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";
import type { ParlorOptions } from "@parlor/server";
import { FakeClock, RawSocketPeer } from "@parlor/testkit";
import { answerClientErrors } from "../src/client-errors.ts";
import { Rates } from "../src/session/rates.ts";
import { HELLO, joined, post, publishAll, publishLarge, subscribed } from "./support/bound-peers.ts";
import { HeldLog } from "./support/held-log.ts";
import { OddLog } from "./support/odd-log.ts";
import { floodPresence } from "./support/presence-flood.ts";
import { startParlor, type RunningParlor } from "./support/parlor-server.ts";
import { burstOfUpgrades } from "./support/upgrade-burst.ts";
import { within } from "./support/within.ts";

interface Row {
  readonly metric: string;
  /** Made anew for each test: a log is closed at its end. */
  readonly options?: () => Partial<ParlorOptions>;
  readonly hit: (t: TestContext, server: RunningParlor) => Promise<void>;
}

const clock = new FakeClock();

/** So many bodies at once, of each of which a part is sent. */
async function sendBodies(
  t: TestContext,
  port: number,
  { count, length, sent }: { readonly count: number; readonly length: number; readonly sent: number },
): Promise<void> {
  const head = `POST /rooms/lobby/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n`;
  for (let i = 0; i < count; i++) {
    const peer = await RawSocketPeer.connect({ port });
    t.after(() => peer.destroy());
    peer.write(`${head}Content-Length: ${length}\r\n\r\n"${"x".repeat(sent)}`);
  }
}

/** Each bound of the table in docs/operations.md, and what comes to its end. */
const ROWS: readonly Row[] = [
  {
    metric: 'parlor_connections_refused_total{reason="address-limit"}',
    options: () => ({ connectionsPerAddress: 1 }),
    async hit(t, server) {
      await joined(t, server);
      await RawSocketPeer.open({ port: server.port }).catch(() => undefined);
    },
  },
  {
    metric: 'parlor_connections_refused_total{reason="server-limit"}',
    options: () => ({ maxConnections: 1 }),
    async hit(t, server) {
      await joined(t, server);
      await RawSocketPeer.open({ port: server.port }).catch(() => undefined);
    },
  },
  {
    metric: "parlor_presence_refused_total",
    options: () => ({ maxProfileBytes: 65_536 }),
    hit: (t, { port }) => floodPresence(t, port),
  },
  {
    metric: 'parlor_connections_refused_total{reason="too-many-sockets"}',
    options: () => ({ maxConnections: 1 }),
    async hit(t, { port }) {
      const peers = await Promise.all(Array.from({ length: 67 }, () => RawSocketPeer.connect({ port })));
      t.after(() => peers.forEach((peer) => peer.destroy()));
      // One that is answered unasked; the others make room for the metrics.
      await Promise.any(peers.map((peer) => peer.readResponse()));
      for (const peer of peers) peer.destroy();
    },
  },
  {
    metric: 'parlor_connections_refused_total{reason="bad-request"}',
    async hit(_, { port }) {
      const peer = await RawSocketPeer.connect({ port });
      peer.write("no HTTP at all\r\n\r\n");
      await peer.readResponse();
    },
  },
  {
    metric: 'parlor_refused_total{code="too-many-connections"}',
    options: () => ({ connectionsPerAddress: 1 }),
    async hit(t, server) {
      await joined(t, server);
      assert.equal((await post(server, "/connect/poll?wait=0", [HELLO])).status, 429);
    },
  },
  {
    metric: 'parlor_refused_total{code="too-many-rooms"}',
    options: () => ({ maxRooms: 1 }),
    async hit(t, server) {
      const peer = await subscribed(t, server);
      peer.send({ type: "subscribe", room: "another" });
      await peer.readJsonWith({ code: "too-many-rooms" });
    },
  },
  {
    metric: 'parlor_refused_total{code="too-large"}',
    options: () => ({ maxBodyBytes: 10 }),
    async hit(t, server) {
      const peer = await joined(t, server);
      publishAll(peer, 1, "more than ten bytes");
      await peer.readJsonWith({ code: "too-large" });
    },
  },
  {
    metric: 'parlor_refused_total{code="rate-limited"}',
    options: () => ({ publishPerSecond: 1 }),
    async hit(t, server) {
      const peer = await joined(t, server);
      publishAll(peer, 6);
      await peer.readJsonWith({ code: "rate-limited" });
    },
  },
  {
    metric: 'parlor_refused_total{code="unavailable"}',
    options: () => ({ log: new HeldLog() }),
    async hit(t, server) {
      const held = server.log as HeldLog;
      held.fill();
      const peer = await joined(t, server);
      publishAll(peer, 1);
      await peer.readJsonWith({ code: "unavailable" });
    },
  },
  {
    metric: 'parlor_reading_paused_total{reason="in-flight"}',
    options: () => ({ maxInFlight: 2, log: new HeldLog() }),
    async hit(t, server) {
      const held = server.log as HeldLog;
      held.hold();
      t.after(() => held.letGo());
      publishAll(await joined(t, server), 4);
    },
  },
  {
    metric: 'parlor_reading_paused_total{reason="hello"}',
    options: () => ({ authenticate: () => new Promise(() => undefined) }),
    async hit(t, { port }) {
      const peer = await RawSocketPeer.open({ port });
      t.after(() => peer.destroy());
      peer.send({ ...HELLO, token: "any" });
      for (let i = 0; i < 256; i++) peer.send({ type: "ping" });
    },
  },
  {
    metric: 'parlor_refused_total{code="rate-limited"}',
    options: () => ({ log: new OddLog(), maxRooms: 1 }),
    async hit(t, server) {
      const peer = await joined(t, server);
      for (let id = 1; id <= 40; id++) peer.send({ type: "history", id, room: "lobby" });
      await peer.readJsonWith({ to: "history", code: "rate-limited" });
    },
  },
  {
    metric: "parlor_slow_turns_total",
    options: () => ({ sendBufferBytes: 65_536 }),
    async hit(t, server) {
      (await subscribed(t, server)).pause();
      await publishLarge(server, 200);
    },
  },
  {
    metric: "parlor_crowded_turns_total",
    options: () => ({ sendBufferBytes: 65_536, totalSendBufferBytes: 65_536 }),
    async hit(t, server) {
      (await subscribed(t, server)).pause();
      await publishLarge(server, 200);
    },
  },
  {
    metric: 'parlor_closes_total{reason="slow"}',
    options: () => ({ heartbeatMs: 50 }),
    async hit(t, server) {
      (await subscribed(t, server)).pause();
      await publishLarge(server, 200);
    },
  },
  {
    metric: 'parlor_closes_total{reason="heartbeat"}',
    options: () => ({ heartbeatMs: 50 }),
    async hit(t, server) {
      await joined(t, server);
    },
  },
  {
    metric: 'parlor_closes_total{reason="hello"}',
    options: () => ({ clock }),
    async hit(t, { port }) {
      const peer = await RawSocketPeer.open({ port });
      t.after(() => peer.destroy());
      clock.advance(15_000);
    },
  },
  {
    metric: 'parlor_closes_total{reason="rateLimited"}',
    options: () => ({ publishPerSecond: 1 }),
    async hit(t, server) {
      const peer = await joined(t, server);
      publishAll(peer, 1_500);
    },
  },
  {
    metric: 'parlor_websocket_faults_total{fault="too-large"}',
    async hit(t, server) {
      const peer = await joined(t, server);
      peer.sendFrame({ payload: "x".repeat(262_145) });
      await peer.readClose();
    },
  },
  {
    metric: 'parlor_websocket_faults_total{fault="too-many-parts"}',
    async hit(t, server) {
      const peer = await joined(t, server);
      peer.sendFrame({ payload: "x", isFinal: false });
      for (let i = 0; i < 64; i++) peer.sendFrame({ opcode: 0, payload: "x", isFinal: false });
      await peer.readClose();
    },
  },
  {
    metric: "parlor_full_polls_total",
    async hit(_, server) {
      await publishLarge(server, 6);
      const frames = [HELLO, { type: "subscribe", room: "lobby", last: 500 }];
      await (await post(server, "/connect/poll?wait=0", frames)).text();
    },
  },
  {
    metric: "parlor_recent_batches_dropped_total",
    async hit(t, server) {
      await subscribed(t, server);
      await publishLarge(server, 40);
    },
  },
  {
    metric: 'parlor_reading_paused_total{reason="body"}',
    hit: (t, { port }) => sendBodies(t, port, { count: 9, length: 200_000, sent: 150_000 }),
  },
  {
    metric: 'parlor_reading_paused_total{reason="upgrade"}',
    hit: async (t, { port }) => void (await burstOfUpgrades(t, port, 60)),
  },
  {
    metric: 'parlor_reading_paused_total{reason="waste"}',
    // A clock that stands still: no second passes in which more may be thrown away.
    options: () => ({ clock: new FakeClock() }),
    hit: (t, { port }) => sendBodies(t, port, { count: 6, length: 2_000_000, sent: 1_048_576 }),
  },
  {
    metric: "parlor_reads_paced_total",
    options: () => ({ clock: new FakeClock() }),
    async hit(t, server) {
      await publishLarge(server, 6);
      const peer = await joined(t, server);
      for (let id = 1; id <= 8; id++) peer.send({ type: "history", id, room: "lobby", limit: 500 });
    },
  },
  {
    metric: 'parlor_refused_total{code="deadline"}',
    options: () => ({ requestTimeoutMs: 1, requests: { slow: () => new Promise(() => undefined) } }),
    async hit(t, server) {
      const peer = await joined(t, server);
      peer.send({ type: "request", id: 1, method: "slow" });
      await peer.readJsonWith({ type: "reply" });
    },
  },
  {
    metric: "parlor_signals_dropped_total",
    options: () => ({ signalsPerSecond: 1 }),
    async hit(t, server) {
      const peer = await joined(t, server);
      for (const body of [1, 2]) peer.send({ type: "signal", room: "lobby", body });
      await peer.readJsonWith({ type: "error", code: "rate-limited" });
    },
  },
  {
    metric: "parlor_signals_thinned_total",
    options: () => ({ signalTick: () => ({ everyMs: 1_000, newestPerIdentity: 1 }) }),
    async hit(t, server) {
      const hearing = await joined(t, server);
      hearing.send({ type: "subscribe", room: "lobby", signals: true });
      await hearing.readJsonWith({ type: "subscribed" });
      const peer = await joined(t, server);
      for (const body of [1, 2, 3]) peer.send({ type: "signal", room: "lobby", body });
    },
  },
  {
    metric: "parlor_operator_guesses_refused_total",
    options: () => ({ operatorKey: "the-operator-key" }),
    async hit(_t, { origin }) {
      // Whoever sits at the machine is shown all without a key.
      const headers = { accept: "application/json", via: "a proxy", authorization: "Bearer a-guess" };
      for (let i = 0; i < 11; i++) await (await fetch(`${origin}/status`, { headers })).body?.cancel();
    },
  },
  {
    metric: "parlor_tails_missed_total",
    options: () => ({ log: new OddLog() }),
    async hit(t, server) {
      await subscribed(t, server);
      (server.log as OddLog).tellMissed();
    },
  },
];

/** Bounds whose end takes too long or too many to come to over the network; their tests are below and beside the code. */
const ELSEWHERE = [
  'parlor_connections_refused_total{reason="slow-request"}',
  'parlor_reading_paused_total{reason="turn"}',
  "parlor_rate_buckets_evicted_total",
  "parlor_event_lines_left_out_total",
  "parlor_bus_dropped_total",
  "parlor_files_paced_total",
  "parlor_presence_paced_total",
  'parlor_moderation_refused_total{reason="server-full"}',
  'parlor_moderation_refused_total{reason="room-full"}',
  'parlor_moderation_refused_total{reason="reports-full"}',
  'parlor_moderation_refused_total{reason="held-full"}',
  'parlor_moderation_refused_total{reason="wrong-link"}',
  'parlor_previews_total{result="failed"}',
  'parlor_previews_total{result="left-alone"}',
  'parlor_previews_total{result="late"}',
];

async function valueOf(metric: string, { origin }: RunningParlor): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`${metric} `));
  assert.ok(line !== undefined, `${metric} is in /metrics`);
  return Number(line.slice(metric.length + 1));
}

describe("bounds in /metrics", () => {
  for (const [number, { metric, options, hit }] of ROWS.entries()) {
    test(`[METRIC-1] ${metric} moves when its bound is hit (${number + 1})`, async (t) => {
      const server = await startParlor(t, options?.());
      assert.equal(await valueOf(metric, server), 0);
      await hit(t, server);
      const moved = async (): Promise<void> => {
        while ((await valueOf(metric, server)) === 0) await new Promise((resolve) => setImmediate(resolve));
      };
      await within(moved(), `${metric} to move`);
    });
  }

  test("[METRIC-1] a rate bucket that is forgotten for want of room, and a request that is too slow, are told", () => {
    let evicted = 0;
    const rates = new Rates({ publishPerSecond: 20, maxBuckets: 3, onEvict: () => void (evicted += 1) });
    for (let i = 0; i < 3; i++) rates.takePublish(`identity-${i}`, "192.0.2.1", 0);
    assert.equal(evicted, 0);
    rates.takePublish("one-more", "192.0.2.1", 0);
    assert.ok(evicted > 0);

    const reasons: string[] = [];
    const listener = createServer();
    answerClientErrors(listener, (reason) => reasons.push(reason));
    const late = Object.assign(new Error("late"), { code: "ERR_HTTP_REQUEST_TIMEOUT" });
    listener.emit("clientError", late, new Socket());
    assert.deepEqual(reasons, ["slow-request"]);
  });

  test("[METRIC-2] what all of the server shares is shown with how much of it there may be", async (t) => {
    const server = await startParlor(t, {
      maxConnections: 50,
      publishPerSecond: 20,
      sendBufferBytes: 65_536,
    });
    const peer = await subscribed(t, server);
    publishAll(peer, 1);
    await peer.readJsonWith({ type: "ack" });
    const stalled = await subscribed(t, server);
    stalled.pause();
    await publishLarge(server, 200);
    const bounds = {
      connections: 50,
      send_buffer_bytes: 268_435_456,
      recent_bytes: 67_108_864,
      rate_buckets: 140_000,
    };
    for (const [bound, max] of Object.entries(bounds)) {
      assert.equal(await valueOf(`parlor_bound_max{bound="${bound}"}`, server), max);
      const used = await valueOf(`parlor_bound_used{bound="${bound}"}`, server);
      assert.ok(used > 0 && used <= max, `${bound} is ${used}`);
    }
  });

  test("[METRIC-3] the operator's table of limits names the metrics that these tests hit, and no other", () => {
    const page = readFileSync(new URL("../../../docs/operations.md", import.meta.url), "utf8");
    const table = /## Limits\n([^]*?)\n## /.exec(page)?.[1] ?? "";
    const metrics = [...table.matchAll(/`(parlor_\w+(?:\{[^}]+\})?)`/g)].map(([, metric]) => metric ?? "");
    const named = new Set(metrics.filter((metric) => !metric.startsWith("parlor_bound_")));
    assert.deepEqual(named, new Set([...ROWS.map(({ metric }) => metric), ...ELSEWHERE]));
  });
});
