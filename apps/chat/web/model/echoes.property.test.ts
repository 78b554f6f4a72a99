import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PendingPublish } from "@parlor/client";
import type { Message } from "@parlor/protocol";
import fc from "fast-check";
import { sampleMessage, SampleLog, SELF } from "../test/sample-log.ts";
import { foldEchoes, NO_ECHOES, shownEchoes } from "./echoes.ts";
import { layOutRows, type Row } from "./rows.ts";
import { EMPTY_TIMELINE, foldTimeline, shownRun } from "./timeline.ts";

/**
 * A page that publishes into a room where others talk too. What the server did reaches it by three ways
 * that know nothing of each other: the outbox, the promise and the room's feed.
 */
class Scene {
  readonly log = new SampleLog();
  timeline = foldTimeline(EMPTY_TIMELINE, { kind: "subscribed", frame: new SampleLog().subscribed(0) });
  echoes = NO_ECHOES;
  written = 0;
  stored = 0;
  left = 0;
  acked = 0;
  cursor = 0;
  readonly #offsets = new Map<number, number>();

  run(act: (typeof ACTS)[number]): void {
    switch (act) {
      case "write":
        this.written += 1;
        return this.#tellOutbox();
      case "others":
        this.log.append(1);
        return;
      case "store":
        if (this.stored < this.written) this.#store();
        return;
      case "leave":
        if (this.left >= this.stored) return;
        this.left += 1;
        return this.#tellOutbox();
      case "ack": {
        const offset = this.#offsets.get(this.acked + 1);
        if (offset === undefined) return;
        this.acked += 1;
        this.echoes = foldEchoes(this.echoes, { kind: "acked", seq: this.acked, offset });
        return;
      }
      case "deliver":
        return this.#deliver(this.log.behind(this.cursor).slice(0, 1));
      case "read":
        return this.#read();
    }
  }

  finish(): readonly Row[] {
    for (const act of ["store", "leave", "ack", "deliver"] as const) {
      for (let i = 0; i < 200; i++) this.run(act);
    }
    return this.rows();
  }

  rows(): readonly Row[] {
    const run = shownRun(this.timeline);
    assert.notEqual(run, null);
    return run === null ? [] : layOutRows(run, shownEchoes(this.echoes), SELF);
  }

  /** How often each own publish is to be seen. */
  timesShown(): number[] {
    const times = Array.from({ length: this.written }, () => 0);
    for (const row of this.rows()) {
      const seq = row.kind === "message" && row.isOwn ? Number(row.key.slice("own-".length)) : 0;
      if (seq > 0) times[seq - 1] = (times[seq - 1] ?? 0) + 1;
    }
    return times;
  }

  #store(): void {
    this.stored += 1;
    const message = sampleMessage(this.log.head + 1, { seq: this.stored });
    this.log.messages.push(message);
    this.#offsets.set(this.stored, message.offset);
  }

  #tellOutbox(): void {
    const outbox: PendingPublish[] = [];
    for (let seq = this.left + 1; seq <= this.written; seq++) {
      outbox.push({
        id: seq,
        seq,
        body: { text: `own ${seq}`, name: "Me" },
        state: "sent",
        mayBeStored: true,
      });
    }
    this.echoes = foldEchoes(this.echoes, { kind: "outbox", outbox, nowMs: 1 });
  }

  #deliver(messages: readonly Message[]): void {
    const last = messages.at(-1);
    if (last === undefined) return;
    this.cursor = last.offset;
    const seq = last.producer === SELF.producer ? last.seq : 0;
    this.timeline = foldTimeline(this.timeline, { kind: "messages", messages });
    this.echoes = foldEchoes(this.echoes, { kind: "delivered", seq, cursor: this.cursor });
  }

  /** A page of what is shown already: it must change nothing. */
  #read(): void {
    const before = this.cursor + 1;
    this.timeline = foldTimeline(this.timeline, { kind: "page", before, page: this.log.page(before, 20) });
  }
}

const ACTS = ["write", "others", "store", "leave", "ack", "deliver", "read"] as const;

describe("echoes and timeline together", () => {
  test("[PAGE-1] one publish is one row at every moment, in whatever order outbox, ack and delivery tell of it", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ACTS), { maxLength: 120, size: "max" }), (acts) => {
        const scene = new Scene();
        for (const act of acts) {
          scene.run(act);
          assert.deepEqual(
            scene.timesShown(),
            Array.from({ length: scene.written }, () => 1),
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  test("[PAGE-3] when all has come, what is shown is the room's log and nothing else", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ACTS), { maxLength: 120, size: "max" }), (acts) => {
        const scene = new Scene();
        for (const act of acts) scene.run(act);
        const offsets = scene.finish().flatMap((row) => (row.kind === "message" ? [row.offset] : []));
        assert.deepEqual(
          offsets,
          scene.log.messages.map(({ offset }) => offset),
        );
      }),
      { numRuns: 200 },
    );
  });
});
