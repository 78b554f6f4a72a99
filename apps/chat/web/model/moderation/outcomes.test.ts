import assert from "node:assert/strict";
import { test } from "node:test";
import type { ParlorClient } from "@parlor/client";
import type { Message } from "@parlor/protocol";
import { KeptTexts } from "../kept-texts.ts";
import { Outcomes } from "./outcomes.ts";

/** What stands in an inbox, by the ids of decisions; offsets begin at 1. */
async function told(texts: KeptTexts, ...ids: readonly string[]): Promise<Outcomes> {
  const messages = ids.map(
    (id, i): Message => ({
      offset: i + 1,
      from: "@server",
      producer: "p",
      seq: i + 1,
      at: 0,
      body: { moderation: { room: "club", offset: 7, verdict: "remove", id } },
    }),
  );
  const inbox = {
    on: (_event: string, listener: (messages: readonly Message[]) => void) => listener(messages),
    subscribe() {},
  };
  const outcomes = new Outcomes({ inbox: async () => inbox } as unknown as ParlorClient, texts);
  outcomes.follow();
  await new Promise((resolve) => setImmediate(resolve));
  return outcomes;
}

const ids = ({ shown }: Outcomes): string[] => shown.value.map(({ id }) => id);

test("[MODPAGE-5] a decision that was put away is not told again, and one is told of an inbox that begins anew", async () => {
  const texts = new KeptTexts(null);
  const first = await told(texts, "one", "two");
  assert.deepEqual(ids(first), ["one", "two"]);
  first.putAway();
  assert.deepEqual(ids(await told(texts, "one", "two", "three")), ["three"]);
  // The server lost its data, or the inbox was deleted: its offsets are lower than before.
  assert.deepEqual(ids(await told(texts, "four")), ["four"]);
});
