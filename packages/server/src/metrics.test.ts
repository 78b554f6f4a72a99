import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LogStatus } from "@parlor/log";
import { FakeClock } from "@parlor/testkit";
import { Metrics } from "./metrics.ts";
import { Counters } from "./room/counters.ts";
import type { ServerReadings } from "./server-readings.ts";

function metricsOf(changes: Partial<ServerReadings> = {}) {
  const counters = new Counters();
  const clock = new FakeClock();
  const readings: ServerReadings = {
    counters,
    rooms: { size: 0, open: () => [] },
    log: { status: { kind: "ready" } },
    bus: { dropped: 0 },
    readers: { all: [] },
    sendBufferBytes: () => 0,
    isDraining: () => false,
    maxConnections: 100,
    bounds: [],
    version: "1.2.3",
    worker: null,
    ...changes,
  };
  return { counters, clock, metrics: new Metrics(readings, clock) };
}

/** The value of one sample, as it stands in the text. */
async function sample(metrics: Metrics, name: string): Promise<string | undefined> {
  const text = await metrics.text();
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name} `));
  return line?.slice(name.length + 1);
}

describe("Metrics", () => {
  test("shows the counters as they are at the moment of reading, however often they are read (O23)", async (t) => {
    const { counters, metrics } = metricsOf();
    t.after(() => metrics.close());
    counters.published = 7;
    counters.refused["rate-limited"] = 3;
    counters.connections.websocket = 2;
    counters.connectionsRefused.origin = 1;
    for (let reading = 0; reading < 2; reading++) {
      assert.equal(await sample(metrics, "parlor_publishes_total"), "7");
      assert.equal(await sample(metrics, 'parlor_refused_total{code="rate-limited"}'), "3");
      assert.equal(await sample(metrics, 'parlor_connections{transport="websocket"}'), "2");
      assert.equal(await sample(metrics, 'parlor_connections_refused_total{reason="origin"}'), "1");
    }
    counters.published = 8;
    counters.connections.websocket = 0;
    assert.equal(await sample(metrics, "parlor_publishes_total"), "8");
    assert.equal(await sample(metrics, 'parlor_connections{transport="websocket"}'), "0");
  });

  test("every field of the counters is in it", async (t) => {
    const { counters, metrics } = metricsOf();
    t.after(() => metrics.close());
    let next = 1_000_001;
    const given: number[] = [];
    const fields = counters as unknown as Record<string, number | Record<string, number>>;
    for (const [field, value] of Object.entries(fields)) {
      if (typeof value === "number") fields[field] = next;
      else value[Object.keys(value)[0] ?? ""] = next;
      given.push(next++);
    }
    const text = await metrics.text();
    for (const value of given) assert.match(text, new RegExp(` ${value}$`, "m"));
  });

  test("rooms are counted and never named", async (t) => {
    const open = ["secret-plans", "lobby"].map((name) => ({
      name,
      subscriptionCount: 5,
      liveCount: 3,
      fannedOut: 0,
    })) as unknown as ReturnType<ServerReadings["rooms"]["open"]>;
    const { metrics } = metricsOf({ rooms: { size: 2, open: () => open } });
    t.after(() => metrics.close());
    assert.equal(await sample(metrics, "parlor_rooms_open"), "2");
    assert.equal(await sample(metrics, 'parlor_subscriptions{phase="live"}'), "6");
    assert.equal(await sample(metrics, 'parlor_subscriptions{phase="catching_up"}'), "4");
    assert.doesNotMatch(await metrics.text(), /secret-plans|lobby/);
  });

  test("the log's state, the drain and the version are there for alarms", async (t) => {
    const log: { status: LogStatus } = { status: { kind: "full", message: "The disk is full." } };
    let isDraining = false;
    const { metrics } = metricsOf({
      log,
      isDraining: () => isDraining,
      sendBufferBytes: () => 12,
      bus: { dropped: 7 },
    });
    t.after(() => metrics.close());
    assert.equal(await sample(metrics, 'parlor_log_status{state="full"}'), "1");
    assert.equal(await sample(metrics, 'parlor_log_status{state="ready"}'), "0");
    log.status = { kind: "ready" };
    isDraining = true;
    assert.equal(await sample(metrics, 'parlor_log_status{state="ready"}'), "1");
    assert.equal(await sample(metrics, 'parlor_log_status{state="full"}'), "0");
    assert.equal(await sample(metrics, "parlor_draining"), "1");
    assert.equal(await sample(metrics, "parlor_send_buffer_bytes"), "12");
    assert.equal(await sample(metrics, 'parlor_build_info{version="1.2.3"}'), "1");
    assert.equal(await sample(metrics, "parlor_bus_dropped_total"), "7");
    assert.match(metrics.contentType, /^text\/plain; version=0\.0\.4/);
  });

  test("two servers in one process do not meet", async (t) => {
    const [one, other] = [metricsOf(), metricsOf()];
    t.after(() => [one, other].forEach(({ metrics }) => metrics.close()));
    one.counters.published = 5;
    assert.equal(await sample(other.metrics, "parlor_publishes_total"), "0");
  });

  test("where the process can't open a file to read its memory, the rest is still told", async (t) => {
    const { metrics } = metricsOf();
    t.after(() => metrics.close());
    const before = await sample(metrics, "parlor_process_resident_bytes");
    assert.ok(Number(before) > 1_000_000);
    t.mock.method(process.memoryUsage, "rss", () => {
      throw Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
    });
    assert.equal(await sample(metrics, "parlor_process_resident_bytes"), before);

    const fresh = metricsOf();
    t.after(() => fresh.metrics.close());
    assert.equal(await sample(fresh.metrics, "parlor_process_resident_bytes"), undefined);
    assert.equal(await sample(fresh.metrics, "parlor_publishes_total"), "0");
  });
});
