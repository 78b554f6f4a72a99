import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { Counters } from "./counters.ts";
import { EventLog } from "./event-log.ts";
import type { LogFields } from "./logger.ts";

function made(isOn = true): { events: EventLog; counters: Counters; clock: FakeClock; lines: LogFields[] } {
  const lines: LogFields[] = [];
  const clock = new FakeClock();
  const counters = new Counters();
  const logger = {
    info: (_: string, fields?: LogFields) => void lines.push(fields ?? {}),
    warn() {},
    error() {},
  };
  return { events: new EventLog(counters, logger, clock, isOn), counters, clock, lines };
}

describe("EventLog", () => {
  test("[EVENT-4] of a flood so many lines are written as the rate allows, and the next one says how many were left out", () => {
    const { events, counters, clock, lines } = made();
    for (let i = 0; i < 5_000; i++) events.refused("rate-limited", { address: "192.0.2.1" }, "publish");
    assert.equal(lines.length, 1_000);
    assert.deepEqual([counters.refused["rate-limited"], counters.eventLinesLeftOut], [5_000, 4_000]);
    clock.advance(1_000);
    for (let i = 0; i < 500; i++)
      events.turnedAway("origin", "origin-not-allowed", "192.0.2.1", "https://evil.example");
    assert.equal(lines.length, 1_100);
    assert.equal(lines[1_000]?.["leftOutBefore"], 4_000);
    assert.ok(lines.filter((line) => "leftOutBefore" in line).length === 1);
    assert.equal(counters.connectionsRefused.origin, 500);
  });

  test("[EVENT-3] where nobody wants them no line is written and nothing is kept of a connection, but all is counted", () => {
    const { events, counters, lines } = made(false);
    assert.equal(events.opened("websocket", "192.0.2.1", "https://a.example"), null);
    events.refused("bad-frame", { address: "192.0.2.1" }, "frame");
    events.turnedAway("handshake", "bad-frame", "192.0.2.1", undefined);
    events.wrongOperatorKey("192.0.2.1");
    assert.deepEqual(lines, []);
    assert.equal(counters.refused["bad-frame"], 1);
    assert.deepEqual([counters.connectionsRefused.handshake, counters.wrongOperatorKeys], [1, 1]);
  });

  test("[EVENT-2] what a stranger chose is cut and escaped, and a type that is not known is not repeated", () => {
    const { events, lines } = made();
    events.turnedAway("origin", "origin-not-allowed", "192.0.2.1", "x".repeat(10_000));
    events.refused("unknown-frame", { address: "192.0.2.1" }, "a type with a token in it");
    events.refused("bad-frame", { address: "192.0.2.1", identity: null }, "subscribe");
    assert.equal(String(lines[0]?.["origin"]).length, 200);
    assert.deepEqual(
      lines.map(({ to }) => to),
      [undefined, "frame", "subscribe"],
    );
  });
});
