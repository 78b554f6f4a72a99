import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryStorage } from "../../test/racing-set-up.ts";
import { transportHistory, type TransportHistory } from "./transport-history.ts";

const ORIGIN = "http://h";

describe("transportHistory", () => {
  test("[RACE-2] a first visit gives 250 ms, later ones twice the usual time to a welcome, from 50 ms to 2 s", () => {
    const history = transportHistory(null, ORIGIN);
    assert.equal(history.headStartMs, 250);
    history.welcomed("websocket", 80);
    assert.equal(history.headStartMs, 160, "what was guessed before does not count");
    for (let i = 0; i < 40; i++) history.welcomed("websocket", 3);
    assert.equal(history.headStartMs, 50);
    for (let i = 0; i < 40; i++) history.welcomed("websocket", 300);
    assert.ok(Math.abs(history.headStartMs - 600) < 2, String(history.headStartMs));
    for (let i = 0; i < 40; i++) history.welcomed("websocket", 9_000);
    assert.equal(history.headStartMs, 2_000);
  });

  test("[RACE-2] a first visit judges by how the page itself came, where that is known", () => {
    const history = (pageMs: number | null): TransportHistory => transportHistory(null, ORIGIN, () => pageMs);
    const headStarts = [2, 40, 10_000, null].map((pageMs) => history(pageMs).headStartMs);
    assert.deepEqual(headStarts, [50, 240, 2_000, 250]);
  });

  test("[RACE-3] nothing is read before it is asked for", () => {
    let reads = 0;
    const storage = {
      read: (): string => {
        reads += 1;
        return "poll 20";
      },
      write: (): void => undefined,
    };
    const history = transportHistory(storage, ORIGIN);
    assert.equal(reads, 0);
    assert.deepEqual([history.won, history.headStartMs, reads], ["poll", 50, 1]);
  });

  test("[RACE-3] what won is kept for each server, and read at the next start", () => {
    const storage = new MemoryStorage();
    transportHistory(storage, ORIGIN).welcomed("stream", 45);
    const next = transportHistory(storage, ORIGIN);
    assert.deepEqual([next.won, next.headStartMs], ["stream", 90]);
    assert.equal(transportHistory(storage, "http://other").won, "");
  });

  test("[RACE-3] a storage that refuses or holds something else is as none", () => {
    const broken = {
      read(): string {
        throw new Error("denied");
      },
      write(): void {
        throw new Error("full");
      },
    };
    const history = transportHistory(broken, ORIGIN);
    assert.deepEqual([history.won, history.headStartMs], ["", 250]);
    history.welcomed("poll", 125);
    assert.equal(history.won, "poll");
    for (const text of ["", "stream", "stream soon", "stream -5"]) {
      const storage = new MemoryStorage();
      storage.kept.set(ORIGIN, text);
      assert.deepEqual(transportHistory(storage, ORIGIN).headStartMs, 250, text);
    }
  });
});
