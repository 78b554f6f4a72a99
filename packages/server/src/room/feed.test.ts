import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page, StoredMessage, TailEvent } from "@parlor/log";
import fc from "fast-check";
import { stepFeed, type FeedEffect, type FeedState } from "./feed.ts";

const EPOCH = "e1";

function message(offset: number): StoredMessage {
  return { offset, from: "i", producer: "producer", seq: offset, at: 1, bodyJson: "1" };
}

function range(from: number, to: number): StoredMessage[] {
  return Array.from({ length: to - from + 1 }, (_, i) => message(from + i));
}

function told(after: number, to: number, epoch = EPOCH): TailEvent {
  return { kind: "messages", epoch, after, messages: range(after + 1, to) };
}

function page(from: number, to: number, head: number, earliest = 1, epoch = EPOCH): Page {
  return { epoch, head, earliest, messages: range(from, to), more: to < head };
}

const stands = (head: number, epoch = EPOCH): TailEvent => ({ kind: "missed", epoch, head, earliest: 1 });

const at = (reached: number): FeedState => ({ epoch: EPOCH, reached, earliest: 1, filling: null });

function offsets(effects: readonly FeedEffect[]): number[] {
  return effects.flatMap((effect) => (effect.kind === "fan-out" ? effect.messages.map((m) => m.offset) : []));
}

describe("feed", () => {
  test("[ORDER-1] a batch that follows is fanned out as it is", () => {
    const { state, effects } = stepFeed(at(3), { kind: "tail", event: told(3, 5) });
    assert.equal(state.reached, 5);
    assert.deepEqual(effects, [{ kind: "fan-out", after: 3, messages: range(4, 5) }]);
  });

  test("[CHAIN-2] a batch that was told twice is fanned out once", () => {
    assert.deepEqual(stepFeed(at(5), { kind: "tail", event: told(3, 5) }).effects, []);
    assert.deepEqual(offsets(stepFeed(at(4), { kind: "tail", event: told(3, 6) }).effects), [5, 6]);
  });

  test("[CHAIN-2] a hole in the tail is read from the log before anything behind it goes out", () => {
    const hole = stepFeed(at(3), { kind: "tail", event: told(5, 7) });
    assert.deepEqual(hole.effects, [{ kind: "read", after: 3 }]);
    const more = stepFeed(hole.state, { kind: "tail", event: told(7, 8) });
    assert.deepEqual(more.effects, [], "what comes meanwhile is not buffered");
    const filled = stepFeed(more.state, { kind: "page", after: 3, page: page(4, 8, 8) });
    assert.deepEqual(offsets(filled.effects), [4, 5, 6, 7, 8]);
    assert.equal(filled.state.filling, null);
  });

  test("[CHAIN-2] a hole longer than one page is read page by page", () => {
    const hole = stepFeed(at(0), { kind: "tail", event: told(9, 10) });
    const first = stepFeed(hole.state, { kind: "page", after: 0, page: page(1, 4, 10) });
    assert.deepEqual(first.effects.at(-1), { kind: "read", after: 4 });
    const second = stepFeed(first.state, { kind: "page", after: 4, page: page(5, 10, 10) });
    assert.equal(second.state.filling, null);
    assert.equal(second.state.reached, 10);
  });

  test("[CHAIN-2] a replica that does not show the hole yet is asked again later", () => {
    const hole = stepFeed(at(3), { kind: "tail", event: told(5, 7) });
    const lagging = stepFeed(hole.state, { kind: "page", after: 3, page: { ...page(4, 3, 3), more: false } });
    assert.deepEqual(lagging.effects, [{ kind: "read-later", after: 3 }]);
    const failed = stepFeed(lagging.state, { kind: "read-failed" });
    assert.deepEqual(failed.effects, [{ kind: "read-later", after: 3 }]);
  });

  test("[LOST-1] what was trimmed before it was seen is passed over, and the fan-out says behind which offset", () => {
    const hole = stepFeed(at(3), { kind: "tail", event: told(8, 9) });
    const { effects, state } = stepFeed(hole.state, { kind: "page", after: 3, page: page(7, 9, 9, 7) });
    assert.deepEqual(effects, [{ kind: "fan-out", after: 6, messages: range(7, 9) }]);
    assert.equal(state.reached, 9);
  });

  test("[LOST-2] another epoch restarts every subscription and reads from the beginning", () => {
    const { state, effects } = stepFeed(at(9), { kind: "tail", event: told(0, 2, "e2") });
    assert.deepEqual(effects, [{ kind: "restart" }, { kind: "read", after: 0 }]);
    assert.equal(state.epoch, "e2");
  });

  test("[LOST-2] a page that was asked for under another epoch is not taken for the beginning of this one", () => {
    const hole = stepFeed(at(3), { kind: "tail", event: told(5, 7) });
    const other = stepFeed(hole.state, { kind: "tail", event: told(0, 6, "e2") });
    const late = stepFeed(other.state, { kind: "page", after: 3, page: page(4, 6, 6, 1, "e2") });
    assert.deepEqual(late.effects, []);
    const asked = stepFeed(late.state, { kind: "page", after: 0, page: page(1, 6, 6, 1, "e2") });
    assert.deepEqual(offsets(asked.effects), [1, 2, 3, 4, 5, 6]);
  });

  test("[CHAIN-2] a tail that missed something is filled up to the head, though nobody writes any more", () => {
    const missed = stepFeed(at(3), { kind: "tail", event: stands(7) });
    assert.deepEqual(missed.effects, [{ kind: "forget-recent" }, { kind: "read", after: 3 }]);
    const filled = stepFeed(missed.state, { kind: "page", after: 3, page: page(4, 7, 7) });
    assert.deepEqual(offsets(filled.effects), [4, 5, 6, 7]);
    assert.equal(filled.state.filling, null);
  });

  test("[CHAIN-2] a tail that missed nothing reads nothing, but what went out may show a body erased meanwhile", () => {
    const { state, effects } = stepFeed(at(3), { kind: "tail", event: stands(3) });
    assert.deepEqual(effects, [{ kind: "forget-recent" }]);
    assert.deepEqual(state, at(3));
  });

  test("[LOST-2] a tail that comes back to another epoch restarts every subscription, even of an empty room", () => {
    const { state, effects } = stepFeed(at(3), { kind: "tail", event: stands(0, "e2") });
    assert.deepEqual(effects, [{ kind: "restart" }, { kind: "read", after: 0 }]);
    const read = stepFeed(state, { kind: "page", after: 0, page: page(1, 0, 0, 1, "e2") });
    assert.deepEqual(read.effects, []);
    assert.deepEqual(read.state, { epoch: "e2", reached: 0, earliest: 1, filling: null });
  });

  test("[LOST-2] after a deletion, what a tail missed is the next history and no loss", () => {
    const deleted = stepFeed(at(3), { kind: "tail", event: { kind: "deleted" } });
    const missed = stepFeed(deleted.state, { kind: "tail", event: stands(2, "e1.1") });
    assert.deepEqual(missed.effects, [{ kind: "forget-recent" }, { kind: "read", after: 0 }]);
  });

  test("[ORDER-1] whatever batches are lost or repeated, every message goes out once and in order", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ size: fc.integer({ min: 1, max: 4 }), fate: fc.constantFrom("told", "lost", "twice") }),
          {
            minLength: 1,
            maxLength: 30,
          },
        ),
        fc.integer({ min: 1, max: 5 }),
        (batches, pageSize) => {
          let state = at(0);
          const out: number[] = [];
          const reads: number[] = [];
          let head = 0;
          const take = (event: Parameters<typeof stepFeed>[1]): void => {
            const step = stepFeed(state, event);
            state = step.state;
            out.push(...offsets(step.effects));
            for (const effect of step.effects) {
              if (effect.kind === "read" || effect.kind === "read-later") reads.push(effect.after);
            }
          };
          const answerReads = (): void => {
            for (let after = reads.shift(); after !== undefined; after = reads.shift()) {
              take({ kind: "page", after, page: page(after + 1, Math.min(head, after + pageSize), head) });
            }
          };
          batches.forEach(({ size, fate }, index) => {
            const event = told(head, head + size);
            head += size;
            if (fate !== "lost") take({ kind: "tail", event });
            if (fate === "twice") take({ kind: "tail", event });
            if (index % 3 === 0) answerReads();
          });
          take({ kind: "tail", event: told(head, head + 1) });
          head += 1;
          answerReads();
          assert.deepEqual(
            out,
            Array.from({ length: head }, (_, i) => i + 1),
          );
        },
      ),
    );
  });
});
