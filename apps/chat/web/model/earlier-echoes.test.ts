import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PendingPublish } from "@parlor/client";
import { sampleMessage, SELF } from "../test/sample-log.ts";
import { foldEarlier, shownEarlier, type EarlierEchoes, type EarlierEvent } from "./earlier-echoes.ts";
import { layOutRows } from "./rows.ts";

function outbox(...names: readonly (readonly [producer: string | undefined, seq: number])[]): EarlierEvent {
  const pending = names.map(([producer, seq], index): PendingPublish => {
    const body = { text: `own ${seq}`, name: "Me" };
    return { id: -index, seq, body, producer, writtenAt: 5_000, state: "waiting", mayBeStored: true };
  });
  return { kind: "outbox", outbox: pending };
}

function fold(...events: readonly EarlierEvent[]): EarlierEchoes {
  return events.reduce(foldEarlier, { open: [], cursor: 0 });
}

function states(echoes: EarlierEchoes): string[] {
  return shownEarlier(echoes).map(({ id, state }) => `${id} ${state.kind}`);
}

describe("echoes of a page that is gone", () => {
  test("[OUTBOX-10] what an earlier page wrote waits, apart from what this one did, though they count alike", () => {
    assert.deepEqual(states(fold(outbox(["old", 1], ["older", 1], [undefined, 1]))), [
      "earlier-old-1 waiting",
      "earlier-older-1 waiting",
    ]);
  });

  test("[OUTBOX-10] it is shown until the room has come to its place, whichever is told first", () => {
    const left = [outbox(["old", 1]), outbox()] as const;
    assert.deepEqual(states(fold(...left)), ["earlier-old-1 settled"]);
    const published = { kind: "published", producer: "old", seq: 1, offset: 9 } as const;
    assert.deepEqual(states(fold(...left, published)), ["earlier-old-1 settled"]);
    assert.deepEqual(states(fold(...left, published, { kind: "delivered", cursor: 9 })), []);
    assert.deepEqual(states(fold({ kind: "delivered", cursor: 9 }, ...left, published)), []);
    assert.deepEqual(states(fold(...left, { ...published, offset: null })), [], "it is somewhere further up");
  });

  test("[OUTBOX-10] one that is refused is gone from here, and of another history only what waits is left", () => {
    const refused = { kind: "refused", producer: "old", seq: 1 } as const;
    assert.deepEqual(states(fold(outbox(["old", 1]), outbox(), refused)), []);
    const anew = fold(outbox(["old", 1], ["old", 2]), outbox(["old", 2]), { kind: "began-anew" });
    assert.deepEqual(states(anew), ["earlier-old-2 waiting"]);
  });

  test("[OUTBOX-10] beside its message it is not shown", () => {
    const message = { ...sampleMessage(1, { seq: 1 }), producer: "old" };
    const run = { from: 1, to: 1, messages: [message], lost: [] };
    const rows = layOutRows(run, shownEarlier(fold(outbox(["old", 1], ["old", 2]))), SELF);
    assert.deepEqual(
      rows.flatMap((row) => (row.kind === "message" ? row.key : [])),
      ["at-1", "earlier-old-2"],
    );
  });
});
