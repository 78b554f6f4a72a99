import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ServerFrame, SubscribedFrame } from "@parlor/protocol";
import { PollProgress } from "./poll-progress.ts";

function subscribed(room: string, members: Partial<SubscribedFrame> = {}): SubscribedFrame {
  const start = { epoch: "e", after: 0, head: 0, earliest: 1, lost: null, skipped: null };
  return { type: "subscribed", room, ...start, ...members };
}

const error = (room: string): ServerFrame => ({
  type: "error",
  to: "subscribe",
  room,
  code: "forbidden",
  message: "No.",
});

/** What it says after each of the steps, one letter for each: answered, caught up, news. */
function play(progress: PollProgress, ...steps: (() => void)[]): string[] {
  return steps.map((step) => {
    step();
    const { isAnswered, isCaughtUp, hasNews } = progress;
    return `${isAnswered ? "a" : "-"}${isCaughtUp ? "c" : "-"}${hasNews ? "n" : "-"}`;
  });
}

describe("what a poll waits for", () => {
  test("[POLL-1] a room is caught up when what `subscribed` names as its head was delivered", () => {
    const progress = new PollProgress();
    const seen = play(
      progress,
      () => progress.told({ type: "welcome" } as ServerFrame),
      () => progress.ask("a"),
      () => progress.ask("b"),
      () => progress.told(subscribed("a", { after: 3, head: 7 })),
      () => progress.told(subscribed("b", { after: 5, head: 5 })),
      () => progress.delivered("a", 6),
      () => progress.delivered("a", 8),
    );
    assert.deepEqual(seen, ["ac-", "---", "---", "---", "a--", "a-n", "acn"]);
  });

  test("[POLL-3] [POLL-5] `subscribed` is no news, unless something is lost; a refusal is", () => {
    const quiet = new PollProgress();
    quiet.ask("a");
    assert.deepEqual(
      play(quiet, () => quiet.told(subscribed("a"))),
      ["ac-"],
    );
    const lost = new PollProgress();
    lost.ask("a");
    assert.deepEqual(
      play(lost, () => lost.told(subscribed("a", { after: 4, head: 4, lost: { from: 1, to: 4 } }))),
      ["acn"],
    );
    const refused = new PollProgress();
    refused.ask("a");
    refused.ask("b");
    assert.deepEqual(
      play(
        refused,
        () => refused.told(error("a")),
        () => refused.told(subscribed("b")),
        () => refused.told({ type: "unsubscribed", room: "b", code: "forbidden", message: "No." }),
      ),
      ["--n", "acn", "acn"],
    );
  });

  test("[POLL-5] [POLL-6] a chain that begins anew while it waits is caught up with again, and is answered already", () => {
    const progress = new PollProgress();
    progress.ask("a");
    progress.told(subscribed("a", { after: 9, head: 9 }));
    const seen = play(
      progress,
      () => progress.told(subscribed("a", { epoch: "f", after: 0, head: 2, lost: { epoch: true } })),
      () => progress.delivered("a", 2),
    );
    assert.deepEqual(seen, ["a-n", "acn"]);
  });

  test("[POLL-1] a room that is asked for twice is one room", () => {
    const progress = new PollProgress();
    const seen = play(
      progress,
      () => progress.ask("a"),
      () => progress.ask("a"),
      () => progress.told(subscribed("a")),
    );
    assert.deepEqual(seen, ["---", "---", "ac-"]);
  });
});
