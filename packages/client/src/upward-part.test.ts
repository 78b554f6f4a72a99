import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DEFAULT_LIMITS, decodeServerFrame } from "@parlor/protocol";
import { ClientCore } from "./client-core.ts";
import type { ClientEffect, Outcome } from "./effects.ts";
import { Publishing } from "./publishing.ts";
import { loadUpward, type Upward } from "./upward-part.ts";

const WELCOME = {
  type: "welcome",
  version: 1,
  identity: "me",
  now: 0,
  heartbeatMs: 25_000,
  limits: DEFAULT_LIMITS,
};

/** A core that has nothing of the part, and what it wants done. */
class Alone {
  loads = 0;
  readonly core = new ClientCore({ producer: "producer-1", profile: undefined, decode: decodeServerFrame });
  readonly publishing = new Publishing(this.core, {
    producer: "producer-1",
    limits: { maxCount: 10, maxBytes: 1_000 },
    upward: null,
    load: () => (this.loads += 1),
  });
  readonly sent: string[] = [];
  readonly outcomes: Outcome[] = [];
  /** Names of the timers that run. */
  readonly timers = new Set<string>();

  step(act: () => void): void {
    const inputs = { nowMs: 0, random: () => 0.5, wallMs: 0, wake: { isOffline: false } };
    for (const effect of this.core.step(act, inputs)) this.#note(effect);
  }

  say(frame: object): void {
    this.step(() => this.core.text(JSON.stringify(frame), "websocket"));
  }

  welcome(): void {
    this.step(() => this.core.opened([]));
    this.say(WELCOME);
  }

  publish(value: string): void {
    const body = { json: JSON.stringify(value), bytes: 3 };
    const ticket = { resolve: () => undefined, reject: () => undefined };
    this.step(() => this.publishing.publish("a", ticket, body, undefined));
  }

  history(): void {
    const ticket = { resolve: () => undefined, reject: () => undefined };
    this.step(() => this.publishing.history({ room: "a" }, ticket));
  }

  loaded(upward: Upward | string): void {
    this.step(() => this.publishing.loaded(upward));
  }

  /** It can't be loaded, as often; each time but the last the next try is waited for. */
  fail(times: number): void {
    for (let n = 0; n < times; n++) {
      this.loaded("404");
      if (this.timers.delete("upward")) this.step(() => this.core.timer("upward"));
    }
  }

  #note(effect: ClientEffect): void {
    if (effect.kind === "send") this.sent.push((JSON.parse(effect.text) as { type: string }).type);
    if (effect.kind === "timer") this.timers.add(effect.name);
    if (effect.kind === "cancel") this.timers.delete(effect.name);
    if (effect.kind === "settle") this.outcomes.push(effect.outcome);
  }
}

describe("what publishing and history need", () => {
  test("[CLIENT-41] it is loaded at the first publish, which waits in the outbox until then and goes out in order", async () => {
    const alone = new Alone();
    alone.publish("1");
    alone.publish("2");
    alone.history();
    alone.welcome();
    assert.equal(alone.loads, 1);
    assert.equal(alone.publishing.outboxOf("a")?.view().length, 2);
    assert.deepEqual(alone.sent, []);
    alone.loaded(await loadUpward());
    assert.deepEqual(alone.sent, ["publish", "publish", "history"]);
    alone.say({ type: "ack", room: "a", seq: 1, offset: 7 });
    assert.deepEqual(alone.outcomes, [{ value: { epoch: "", offset: 7, seq: 1 } }]);
  });

  test("[CLIENT-41] without a publish it is loaded a moment after all that was missed is here, not before", () => {
    const alone = new Alone();
    alone.step(() => alone.core.subscribe("a", { last: 1 }));
    alone.welcome();
    const start = {
      type: "subscribed",
      room: "a",
      epoch: "e",
      after: 1,
      head: 2,
      earliest: 1,
      lost: null,
      skipped: null,
    };
    alone.say(start);
    assert.equal(alone.loads, 0);
    assert.ok(!alone.timers.has("upward"));
    alone.say({ type: "messages", room: "a", after: 1, messages: [{ offset: 2, from: "x", body: 1 }] });
    assert.equal(alone.loads, 0, "the page shows what came first");
    assert.ok(alone.timers.has("upward"));
    alone.step(() => alone.core.timer("upward"));
    assert.equal(alone.loads, 1);
    alone.fail(4);
    assert.equal(alone.loads, 4);
    alone.step(() => alone.core.connection.heard());
    assert.ok(!alone.timers.has("upward"), "nobody waits for it: it is not asked for again and again");
  });

  test("[CLIENT-41] without a network it is loaded once a try failed, and where that can't be, again behind the next welcome", () => {
    const alone = new Alone();
    const idle = (): void => alone.step(() => alone.core.timer("upward"));
    alone.step(() => alone.core.subscribe("a", { last: 0 }));
    assert.ok(!alone.timers.has("upward"));
    alone.step(() => alone.core.connection.closed({ code: 1006, reason: "" }));
    assert.ok(alone.timers.delete("upward"));
    idle();
    assert.equal(alone.loads, 1);
    alone.loaded("no network");
    alone.step(() => alone.core.connection.timer());
    alone.step(() => alone.core.connection.closed({ code: 1006, reason: "" }));
    assert.ok(!alone.timers.has("upward"), "it is not asked for at each try");
    alone.step(() => alone.core.connection.timer());
    alone.welcome();
    const stands = { type: "subscribed", room: "a", epoch: "e", after: 1, head: 1, earliest: 1 };
    alone.say({ ...stands, lost: null, skipped: null });
    assert.ok(alone.timers.has("upward"));
    idle();
    assert.equal(alone.loads, 2);
  });

  test("[CLIENT-41] where it can't be loaded, publishes wait for a connection; with one they end in words, not stored, once it failed four times", () => {
    const alone = new Alone();
    alone.publish("1");
    alone.loaded("no network");
    assert.deepEqual([alone.loads, alone.outcomes], [1, []]);
    alone.history();
    alone.welcome();
    assert.equal(alone.loads, 2);
    alone.fail(3);
    alone.step(() => alone.core.connection.heard());
    assert.deepEqual([alone.loads, alone.outcomes], [5, []], "what fails may be the way: they wait");
    alone.loaded("404");
    const message = "A part of the client could not be loaded: 404.";
    assert.deepEqual(alone.outcomes, [
      { failure: { code: "unavailable", message: `${message} The publish was not stored.` } },
      { failure: { code: "unavailable", message } },
    ]);
  });
});
