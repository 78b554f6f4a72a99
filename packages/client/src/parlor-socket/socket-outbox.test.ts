import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_LIMITS, readServerFrame } from "@parlor/protocol";
import { ClientCore } from "../client-core.ts";
import { SocketOutbox } from "./socket-outbox.ts";

const WELCOME = {
  type: "welcome",
  version: 1,
  identity: "me",
  now: 0,
  heartbeatMs: 25_000,
  limits: DEFAULT_LIMITS,
};
const REFUSED = { type: "refused", room: "a", message: "no" };
const PAGE = { type: "history", room: "a", epoch: "e", earliest: 1, related: [], more: false };

/** A core with a socket's outbox, what it sent, and what became of the publishes. */
class Upward {
  readonly core = new ClientCore({ producer: "producer-1", profile: undefined, decode: readServerFrame });
  readonly outbox = new SocketOutbox(this.core, "a", { maxCount: 3, maxBytes: 1_000 });
  readonly sent: string[] = [];
  readonly outcomes: string[] = [];

  step(act: () => void): void {
    const inputs = { nowMs: 0, random: () => 0.5, wallMs: 0, wake: { isOffline: false } };
    for (const effect of this.core.step(act, inputs)) {
      if (effect.kind === "send") {
        const { type, seq, id } = JSON.parse(effect.text) as Record<string, unknown>;
        this.sent.push(`${String(type)} ${String(seq ?? id)}`);
      }
      if (effect.kind === "settle") this.outcomes.push(effect.outcome.failure?.code ?? "stored");
    }
  }

  say(...frames: object[]): void {
    for (const frame of frames) this.step(() => this.core.text(JSON.stringify(frame), "websocket"));
  }

  connect(): void {
    this.step(() => this.core.opened([]));
    this.say(WELCOME);
  }

  publish(text: string): void {
    const ticket = { resolve: () => undefined, reject: () => undefined };
    this.step(() => this.outbox.publish(JSON.stringify(text), text.length + 2, ticket));
  }

  /** What was sent since the last call. */
  news(): readonly string[] {
    return this.sent.splice(0);
  }
}

/** The second publish is under way when the connection breaks, and the server has forgotten who sent it. */
function forgotten(): Upward {
  const upward = new Upward();
  upward.step(() => upward.core.subscribe("a", { last: 0 }));
  upward.connect();
  upward.publish("one");
  upward.publish("two");
  upward.say({ type: "ack", room: "a", seq: 1, offset: 1 });
  upward.connect();
  upward.news();
  upward.say({ ...REFUSED, seq: 2, code: "unknown-producer" });
  return upward;
}

test("[PSOCKET-4] where the server has forgotten the socket, it reads whether the message is there, and asks again where the answer was lost", () => {
  const upward = forgotten();
  assert.deepEqual(upward.news(), ["history 1"]);
  upward.connect();
  assert.deepEqual(upward.news(), ["subscribe undefined", "history 2"]);
  const message = { offset: 2, from: "me", producer: "producer-1", seq: 2, at: 0, body: "two" };
  upward.say({ ...PAGE, id: 1, messages: [] });
  assert.deepEqual(upward.outcomes, ["stored"], "an answer to what is asked no more says nothing");
  upward.say({ ...PAGE, id: 2, messages: [message] });
  assert.deepEqual(upward.outcomes, ["stored", "stored"]);
});

test("[PSOCKET-4] a message that is not there is sent again, and one of which nobody can know is refused", () => {
  const absent = forgotten();
  absent.news();
  absent.say({ ...PAGE, id: 1, messages: [] });
  assert.deepEqual(absent.news(), ["publish 2"]);
  absent.say({ type: "ack", room: "a", seq: 2, offset: 2 });
  assert.deepEqual(absent.outcomes, ["stored", "stored"]);

  const unknown = forgotten();
  unknown.say({ type: "error", to: "history", id: 1, code: "forbidden", message: "no" });
  assert.deepEqual(unknown.outcomes, ["stored", "unsettled"]);
});

test("[PSOCKET-7] a refusal for now is tried again, one for good ends the message, and so does a full outbox", () => {
  const upward = new Upward();
  upward.connect();
  for (const text of ["one", "two", "three", "four"]) upward.publish(text);
  assert.deepEqual(upward.outcomes, ["unavailable"]);
  upward.say({ ...REFUSED, seq: 1, code: "forbidden" });
  upward.say({ ...REFUSED, seq: 2, code: "out-of-order", expected: 1 });
  upward.say({ ...REFUSED, seq: 3, code: "unavailable", retryAfterMs: 5 });
  assert.deepEqual(upward.outcomes, ["unavailable", "forbidden"]);
  upward.news();
  upward.step(() => upward.core.timer("outbox/a"));
  assert.deepEqual(upward.news(), ["publish 2"], "one at a time behind a refusal for now");
  upward.say({ type: "ack", room: "a", seq: 2, offset: 1 });
  upward.say({ type: "error", to: "publish", room: "a", seq: 3, code: "forbidden", message: "no" });
  assert.deepEqual(upward.outcomes.slice(2), ["stored", "forbidden"]);
});
