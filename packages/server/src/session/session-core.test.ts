import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DEFAULT_LIMITS, MAX_REQUESTS_IN_FLIGHT, type ServerFrame } from "@parlor/protocol";
import { isFrameText } from "./connection.ts";
import { newSession, stepSession, type SessionEffect, type SessionState, type Who } from "./session-core.ts";

const ADA: Who = { identity: "ada", isAuthenticated: false, expiresAt: null };
const HELLO = { type: "hello", version: 1, key: "k".repeat(30), producer: "producer1" };

function take(state: SessionState, ...frames: unknown[]): SessionEffect[] {
  return frames
    .map((frame) => (typeof frame === "string" ? frame : JSON.stringify(frame)))
    .flatMap((frame) => stepSession(state, { kind: "frame", frame, size: frame.length }));
}

function sent(effects: readonly SessionEffect[]): ServerFrame[] {
  return effects.flatMap((effect) =>
    effect.kind === "send" && !isFrameText(effect.frame) ? [effect.frame] : [],
  );
}

function open(limits = DEFAULT_LIMITS): SessionState {
  const state = newSession(limits);
  take(state, HELLO);
  stepSession(state, { kind: "authenticated", who: ADA, isRenewal: false });
  return state;
}

function allow(state: SessionState, effects: readonly SessionEffect[]): SessionEffect[] {
  return effects.flatMap((effect) =>
    effect.kind === "authorize"
      ? stepSession(state, { kind: "authorized", ticket: effect.ticket, refusal: null })
      : [],
  );
}

describe("session", () => {
  test("[HELLO-1] a frame before hello is answered hello-first, and the connection lives on", () => {
    const state = newSession(DEFAULT_LIMITS);
    const [answer] = sent(take(state, { type: "publish", room: "r", seq: 1, body: 1 }));
    assert.deepEqual([answer?.type, answer?.type === "error" && answer.code], ["error", "hello-first"]);
    assert.equal(answer?.type === "error" && answer.seq, 1, "it repeats the seq, as every answer does");
    assert.equal(state.phase, "new");
  });

  test("[HELLO-3] frames may follow hello at once, and are taken in order after welcome", () => {
    const state = newSession(DEFAULT_LIMITS);
    const before = take(state, HELLO, { type: "ping" }, { type: "publish", room: "r", seq: 1, body: 1 });
    assert.deepEqual(
      before.map((effect) => effect.kind),
      ["authenticate"],
    );
    const after = stepSession(state, { kind: "authenticated", who: ADA, isRenewal: false });
    assert.deepEqual(
      after.map((effect) => effect.kind),
      ["welcome", "send", "publish"],
    );
  });

  test("[HELLO-4] hello comes once", () => {
    const [answer] = sent(take(open(), HELLO));
    assert.equal(answer?.type === "error" && answer.code, "bad-frame");
  });

  test("[HELLO-5] a version that is not spoken is told, then closed for good", () => {
    const state = newSession(DEFAULT_LIMITS);
    const effects = take(state, { ...HELLO, version: 2 });
    assert.equal(sent(effects)[0]?.type === "error" && effects.at(-1)?.kind, "close");
    assert.deepEqual(effects.at(-1), { kind: "close", reason: "version" });
  });

  test("[HELLO-6] when enough frames wait behind hello nothing more is read until it is answered, and none is lost", () => {
    for (const [frames, text] of [
      [256, '{"type":"ping"}'],
      [2, JSON.stringify({ type: "ping", filler: "x".repeat(40_000) })],
    ] as const) {
      const state = newSession(DEFAULT_LIMITS);
      take(state, HELLO);
      const effects = Array.from({ length: frames + 5 }, () => take(state, text).map(({ kind }) => kind));
      assert.deepEqual(effects[frames - 1], ["pause-reading"]);
      assert.equal(effects.flat().length, 1);
      const after = stepSession(state, { kind: "authenticated", who: ADA, isRenewal: false });
      assert.equal(sent(after).filter(({ type }) => type === "pong").length, frames + 5);
      assert.deepEqual(after.at(-1), { kind: "resume-reading" });
    }
  });

  test("[REFUSE-2] a publish that can be named is refused in its own shape, with its room and seq", () => {
    const [named] = take(open(), { type: "publish", room: "r", seq: 7 });
    assert.ok(named?.kind === "publish" && named.fault !== null);
    assert.deepEqual([named.request.room, named.request.seq, named.fault.code], ["r", 7, "bad-frame"]);
    assert.equal(named.fault.unnamed, undefined);
    const [unnamed] = take(open(), { type: "publish", room: "r", seq: "seven" });
    assert.ok(unnamed?.kind === "publish" && unnamed.fault !== null);
    assert.deepEqual(unnamed.fault.unnamed, { to: "publish", room: "r" });
  });

  test("[REFUSE-3] an unknown frame is answered with its type and id, and the connection lives on", () => {
    const state = open();
    const [answer] = sent(take(state, { type: "dance", id: 4 }));
    assert.deepEqual(answer?.type === "error" && [answer.to, answer.id, answer.code], [
      "dance",
      4,
      "unknown-frame",
    ]);
    assert.equal(state.phase, "open");
  });

  test("[GROW-40] a connection holds at most maxRooms subscriptions, also while they are being opened", () => {
    const state = open({ ...DEFAULT_LIMITS, maxRooms: 2 });
    const effects = take(state, ...["a", "b", "c"].map((room) => ({ type: "subscribe", room })));
    assert.equal(effects.filter((effect) => effect.kind === "authorize").length, 2);
    const refusal = sent(effects)[0];
    assert.equal(refusal?.type === "error" && refusal.code, "too-many-rooms");
    assert.equal(refusal?.type === "error" && refusal.room, "c");
    assert.equal(
      sent(take(state, { type: "subscribe", room: "a", last: 5 })).length,
      0,
      "again is not one more",
    );
  });

  test("[CHAIN-5] subscribing again, or leaving, makes the answer to an older subscribe void", () => {
    const state = open();
    const first = take(state, { type: "subscribe", room: "r" });
    const second = take(state, { type: "subscribe", room: "r", last: 3 });
    assert.deepEqual(allow(state, first), []);
    assert.equal(allow(state, second)[0]?.kind, "open-subscription");
    const third = take(state, { type: "subscribe", room: "r" });
    take(state, { type: "unsubscribe", room: "r" });
    assert.deepEqual(allow(state, third), []);
  });

  test("[ROOM-4] a room of the server is read by its own identity alone", () => {
    const state = open();
    const refusal = sent(take(state, { type: "subscribe", room: "@bob" }))[0];
    assert.equal(refusal?.type === "error" && refusal.code, "forbidden");
    assert.equal(take(state, { type: "subscribe", room: "@ada" })[0]?.kind, "authorize");
    assert.equal(sent(take(state, { type: "history", id: 1, room: "@bob" })).length, 1);
  });

  test("[GROW-41] of many history frames a few are read at once, some wait, and the rest are refused in words", () => {
    const state = open();
    const frames = Array.from({ length: 40 }, (_, i) => ({ type: "history", id: i + 1, room: "r" }));
    const effects = frames.flatMap((frame) => allow(state, take(state, frame)));
    assert.equal(effects.filter((effect) => effect.kind === "read-history").length, 4);
    const refusals = sent(effects);
    assert.equal(refusals.length, 4);
    assert.ok(refusals.every((answer) => answer.type === "error" && answer.code === "rate-limited"));
    const next = stepSession(state, { kind: "history-read", frame: "{}" });
    assert.deepEqual(
      next.map((effect) => effect.kind),
      ["send", "read-history"],
    );
  });

  test("[REQUEST-7] of many requests as many are run as may be at once, one more is refused in words, and an answer makes room", () => {
    const state = open();
    const request = (id: number): object => ({ type: "request", id, method: "m", params: { id } });
    const ids = Array.from({ length: MAX_REQUESTS_IN_FLIGHT + 1 }, (_, at) => at + 1);
    const effects = take(state, ...ids.map(request));
    assert.equal(effects.filter(({ kind }) => kind === "run-request").length, MAX_REQUESTS_IN_FLIGHT);
    const [refusal, ...others] = sent(effects);
    assert.equal(others.length, 0);
    assert.ok(refusal?.type === "reply" && refusal.error?.code === "rate-limited");
    assert.equal(refusal.id, MAX_REQUESTS_IN_FLIGHT + 1);
    assert.deepEqual(stepSession(state, { kind: "request-answered", frame: "{}" }), [
      { kind: "send", frame: "{}" },
    ]);
    assert.deepEqual(
      take(state, request(50), request(51)).map(({ kind }) => kind),
      ["run-request", "send"],
    );
  });

  test("[HELLO-7] a token whose time is over ends the connection in words", () => {
    const effects = stepSession(open(), { kind: "expired" });
    assert.equal(sent(effects)[0]?.type === "error" && effects.at(-1)?.kind, "close");
    assert.deepEqual(effects.at(-1), { kind: "close", reason: "unauthenticated" });
  });

  test("[HELLO-8] a fresh token of another identity does not take over the connection", () => {
    const state = open();
    take(state, { type: "renew", token: "t" });
    const effects = stepSession(state, {
      kind: "authenticated",
      who: { ...ADA, identity: "eve" },
      isRenewal: true,
    });
    assert.equal(effects.at(-1)?.kind, "close");
  });

  test("[HELLO-8] a fresh token asks again what may be read", () => {
    const state = open();
    allow(state, take(state, { type: "subscribe", room: "r" }));
    const effects = stepSession(state, {
      kind: "authenticated",
      who: { ...ADA, expiresAt: 9 },
      isRenewal: true,
    });
    assert.deepEqual(
      effects.map((effect) => effect.kind),
      ["welcome", "recheck"],
    );
  });
});
