import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PendingPublish } from "@parlor/client";
import { foldEchoes, NO_ECHOES, shownEchoes, waitingCount, type EchoEvent, type Echoes } from "./echoes.ts";

function pending(seq: number, state: PendingPublish["state"] = "sent"): PendingPublish {
  return { id: seq, seq, body: { text: `own ${seq}`, name: "Me" }, state, mayBeStored: false };
}

function outbox(...seqs: number[]): EchoEvent {
  return { kind: "outbox", outbox: seqs.map((seq) => pending(seq)), nowMs: 5_000 };
}

function fold(...events: EchoEvent[]): Echoes {
  return events.reduce(foldEchoes, NO_ECHOES);
}

function states(echoes: Echoes): string[] {
  return shownEchoes(echoes).map(({ id, state }) => `${id} ${state.kind}`);
}

const refusal = (seq: number | null): EchoEvent => ({
  kind: "refused",
  refused: {
    id: "refused-1",
    seq,
    body: { text: "no", name: "Me" },
    writtenAt: 9_000,
    sentence: "Not here.",
  },
});

describe("foldEchoes", () => {
  test("[PAGE-1] what is in the outbox waits, in the order it was written", () => {
    const echoes = fold(outbox(1, 2));
    assert.deepEqual(states(echoes), ["own-1 waiting", "own-2 waiting"]);
    assert.equal(waitingCount(echoes), 2);
  });

  test("[PAGE-1] between ack and delivery it is shown, and waits no more", () => {
    const echoes = fold(outbox(1), outbox(), { kind: "acked", seq: 1, offset: 9 });
    assert.deepEqual(states(echoes), ["own-1 settled"]);
    assert.equal(waitingCount(echoes), 0);
  });

  test("[PAGE-1] a delivery that comes before the ack ends the echo, and the ack brings nothing back", () => {
    const delivered = fold(outbox(1), { kind: "delivered", seq: 1, cursor: 9 });
    assert.deepEqual(states(delivered), []);
    const late: EchoEvent[] = [outbox(1), { kind: "acked", seq: 1, offset: 9 }, outbox()];
    assert.deepEqual(states(late.reduce(foldEchoes, delivered)), []);
  });

  test("[PAGE-1] a message that was trimmed before it could be told does not wait for ever", () => {
    const acked = fold(outbox(1), { kind: "acked", seq: 1, offset: 9 }, outbox());
    assert.deepEqual(states(foldEchoes(acked, { kind: "delivered", seq: 0, cursor: 30 })), []);
  });

  test("[PAGE-1] one that the server keeps for later says why it is held", () => {
    const held = pending(1, { refused: "rate-limited", message: "Too fast." });
    const [echo] = shownEchoes(fold({ kind: "outbox", outbox: [held], nowMs: 1 }));
    assert.deepEqual(echo?.state, { kind: "held", sentence: "Too fast." });
  });

  test("[MODPAGE-6] one that a moderator has says so, also where the connection changed while it was sent", () => {
    const waits = "Messages with links from newcomers wait for a moderator; this one does now.";
    for (const sentence of [waits, `${waits} An earlier sending may have been stored.`]) {
      const refused = { id: "refused-1", seq: 1, body: { text: "no", name: "Me" }, writtenAt: 9_000 };
      const event: EchoEvent = { kind: "refused", refused: { ...refused, sentence, mayBeSent: true } };
      const [echo] = shownEchoes(fold(outbox(1), event, outbox()));
      assert.deepEqual(echo?.state, { kind: "held", sentence, isAtModerator: true });
    }
  });

  test("[PAGE-2] a refused one stays with its reason until it is discarded", () => {
    for (const events of [
      [outbox(1), outbox(), refusal(1)],
      [outbox(1), refusal(1), outbox()],
      [outbox(1), refusal(1), outbox(), { kind: "delivered", seq: 2, cursor: 50 } as const],
    ]) {
      const echoes = fold(...events);
      assert.deepEqual(states(echoes), ["refused-1 refused"]);
      assert.equal(shownEchoes(echoes)[0]?.at, 5_000);
      assert.deepEqual(states(foldEchoes(echoes, { kind: "discarded", id: "refused-1" })), []);
    }
  });

  test("[PAGE-2] what the outbox did not even take is kept too", () => {
    assert.deepEqual(states(fold(outbox(1), refusal(null))), ["refused-1 refused", "own-1 waiting"]);
  });

  test("[PAGE-5] when the room's history is replaced, what waits still waits and what was stored is gone", () => {
    const before = fold(outbox(1, 2), outbox(2), { kind: "acked", seq: 1, offset: 9 });
    assert.deepEqual(states(foldEchoes(before, { kind: "began-anew" })), ["own-2 waiting"]);
  });
});
