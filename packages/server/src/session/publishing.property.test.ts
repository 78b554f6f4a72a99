import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { PublishOutcome, PublishRefusal, PublishRequest } from "./publish-gate.ts";
import { newPublishing, stepPublishing, type PublishingEffect } from "./publishing.ts";

const ACK: PublishOutcome = { kind: "ack", epoch: "e", offset: 1, isDuplicate: false };
const NO: PublishRefusal = { kind: "refused", code: "forbidden", message: "No." };

function request(room: string, seq: number): PublishRequest {
  return { room, seq, afterSeq: seq - 1, re: undefined, body: 1, bodyJson: "1" };
}

const step = fc.record({
  act: fc.constantFrom("submit", "submit", "fault", "authorize", "refuse", "settle", "settle"),
  room: fc.constantFrom("a", "b", "c"),
  pick: fc.nat({ max: 20 }),
});

/** Plays steps in which hooks and the log answer in any order, then answers all that is left. */
function play(steps: readonly { act: string; room: string; pick: number }[], asksAuthorize: boolean) {
  const state = newPublishing(8, asksAuthorize);
  const submitted: PublishRequest[] = [];
  const appended: PublishRequest[] = [];
  const answered: PublishRequest[] = [];
  const asked: number[] = [];
  const appending: number[] = [];
  let isPaused = false;
  /** Rooms that waited for a hook at some time: only theirs may be overtaken. */
  const rooms = new Map<number, string>();
  const overtaken: [string, string][] = [];

  const run = (effects: readonly PublishingEffect[]): void => {
    for (const effect of effects) {
      if (effect.kind === "authorize") {
        asked.push(effect.ticket);
        rooms.set(effect.ticket, effect.request.room);
      } else if (effect.kind === "append") {
        appending.push(effect.ticket);
        appended.push(effect.request);
      } else if (effect.kind === "find") {
        appending.push(effect.ticket);
      } else if (effect.kind === "answer") {
        const earlier = submitted
          .slice(0, submitted.indexOf(effect.request))
          .filter((r) => !answered.includes(r));
        for (const other of earlier) overtaken.push([effect.request.room, other.room]);
        answered.push(effect.request);
      } else {
        isPaused = effect.kind === "pause-reading";
      }
    }
  };
  const submit = (room: string, fault: PublishRefusal | null): void => {
    const one = request(room, submitted.length + 1);
    submitted.push(one);
    run(stepPublishing(state, { kind: "submit", request: one, fault }));
  };
  const takeAt = (list: number[], pick: number): number | undefined =>
    list.length === 0 ? undefined : list.splice(pick % list.length, 1)[0];

  for (const { act, room, pick } of steps) {
    if (act === "submit") submit(room, null);
    else if (act === "fault") submit(room, NO);
    else if (act === "settle") {
      const ticket = takeAt(appending, pick);
      if (ticket !== undefined) run(stepPublishing(state, { kind: "settled", ticket, outcome: ACK }));
    } else {
      const ticket = takeAt(asked, pick);
      const refusal = act === "refuse" ? NO : null;
      if (ticket !== undefined) run(stepPublishing(state, { kind: "authorized", ticket, refusal }));
    }
  }
  while (asked.length + appending.length > 0) {
    const ticket = asked.shift();
    if (ticket !== undefined) run(stepPublishing(state, { kind: "authorized", ticket, refusal: null }));
    const other = appending.shift();
    if (other !== undefined) run(stepPublishing(state, { kind: "settled", ticket: other, outcome: ACK }));
  }
  return { submitted, appended, answered, overtaken, isPaused };
}

describe("publishing", () => {
  test("[ONCE-8] every publish is answered once, and within a room in the order of its frames", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.boolean(), (steps, asksAuthorize) => {
        const { submitted, answered } = play(steps, asksAuthorize);
        assert.equal(answered.length, submitted.length);
        for (const room of ["a", "b", "c"]) {
          const inRoom = (list: readonly PublishRequest[]): number[] =>
            list.filter((r) => r.room === room).map((r) => r.seq);
          assert.deepEqual(inRoom(answered), inRoom(submitted));
        }
      }),
    );
  });

  test("[ONCE-8] publishes of one room reach the log in the order of their frames, however the hook takes its time", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { appended } = play(steps, true);
        for (const room of ["a", "b", "c"]) {
          const seqs = appended.filter((r) => r.room === room).map((r) => r.seq);
          assert.deepEqual(
            seqs,
            [...seqs].sort((x, y) => x - y),
          );
        }
      }),
    );
  });

  test("[ONCE-8] without a hook that waits, answers leave in the order of the frames across all rooms", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { submitted, answered } = play(steps, false);
        assert.deepEqual(answered, submitted);
      }),
    );
  });

  test("[ONCE-8] a publish that waits for a hook holds back its own room only", () => {
    const state = newPublishing(8, true);
    const first = stepPublishing(state, { kind: "submit", request: request("slow", 1), fault: null });
    const second = stepPublishing(state, { kind: "submit", request: request("quick", 1), fault: null });
    assert.equal(first[0]?.kind, "authorize");
    const ticket =
      second[0]?.kind === "authorize" ? second[0].ticket : assert.fail("the other room is asked at once");
    stepPublishing(state, { kind: "authorized", ticket, refusal: null });
    const answers = stepPublishing(state, { kind: "settled", ticket, outcome: ACK });
    assert.equal(answers[0]?.kind, "answer");
  });

  test("[ONCE-9] above maxInFlight reading stops, and goes on when half of it is answered", () => {
    const state = newPublishing(4, false);
    const kinds: string[] = [];
    for (let seq = 1; seq <= 5; seq++) {
      for (const effect of stepPublishing(state, {
        kind: "submit",
        request: request("a", seq),
        fault: null,
      })) {
        kinds.push(effect.kind);
      }
    }
    assert.deepEqual(kinds.slice(-2), ["append", "pause-reading"]);
    const after: string[] = [];
    for (let ticket = 1; ticket <= 3; ticket++) {
      for (const effect of stepPublishing(state, { kind: "settled", ticket, outcome: ACK }))
        after.push(effect.kind);
    }
    assert.deepEqual(after, ["answer", "answer", "answer", "resume-reading"]);
  });

  test("[GROW-69] above a mebi of characters that wait, however few publishes they are, reading stops until half of it is answered", () => {
    const state = newPublishing(256, false);
    const large = { ...request("a", 1), bodyJson: "x".repeat(400_000) };
    const kinds = (effects: readonly PublishingEffect[]): string[] => effects.map(({ kind }) => kind);
    const submit = (): string[] =>
      kinds(stepPublishing(state, { kind: "submit", request: large, fault: null }));
    const settle = (ticket: number): string[] =>
      kinds(stepPublishing(state, { kind: "settled", ticket, outcome: ACK }));
    assert.deepEqual([submit(), submit()].flat(), ["append", "append"]);
    assert.deepEqual(submit(), ["append", "pause-reading"]);
    assert.deepEqual(settle(1), ["answer"]);
    assert.deepEqual(settle(2), ["answer", "resume-reading"]);
  });
});
