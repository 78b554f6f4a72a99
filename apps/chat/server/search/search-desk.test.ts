import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import type { RequestQuestion } from "@parlor/server";
import { SearchDesk } from "./search-desk.ts";

describe("the search's desk", () => {
  test("[SEARCH-11] a search that nobody waits for any more is not made when its turn comes", async () => {
    const made: string[] = [];
    const first = Promise.withResolvers<void>();
    const desk = new SearchDesk({
      search: async ({ text }) => {
        made.push(text);
        await first.promise;
        return { hits: [], more: false };
      },
      unread: async () => [],
      mayRead: () => true,
      clock: new FakeClock(),
    });
    const ask = (text: string, signal: AbortSignal): ReturnType<SearchDesk["answer"]> => {
      const question: Partial<RequestQuestion> = {
        params: { text, rooms: ["lobby"] },
        identity: text,
        signal,
      };
      return desk.answer(question as RequestQuestion);
    };
    const stays = new AbortController().signal;
    const gone = new AbortController();
    const asked = [ask("t", stays), ask("te", gone.signal), ask("tea", stays)];
    gone.abort();
    first.resolve();
    const [one, two, three] = await Promise.allSettled(asked);
    assert.deepEqual([one?.status, two?.status, three?.status], ["fulfilled", "rejected", "fulfilled"]);
    assert.deepEqual(made, ["t", "tea"]);
    assert.equal(desk.running, 0);
  });
});
