import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Emitter } from "./emitter.ts";

describe("an emitter", () => {
  test("[CLIENT-31] listeners are called in order, each as often as it was added, until stopped", () => {
    const emitter = new Emitter<{ said: readonly [word: string] }>();
    const heard: string[] = [];
    const listener = (word: string): void => void heard.push(word);
    const stop = emitter.on("said", listener);
    emitter.on("said", listener);
    emitter.emit("said", "a");
    stop();
    stop();
    emitter.emit("said", "b");
    assert.deepEqual(heard, ["a", "a", "b"]);
  });

  test("[CLIENT-31] one that throws stops no other, and its error is the platform's to report", async (t) => {
    const emitter = new Emitter<{ said: readonly [] }>();
    let isOtherCalled = false;
    emitter.on("said", () => {
      throw new Error("a fault of the application");
    });
    emitter.on("said", () => {
      isOtherCalled = true;
    });
    const thrown: (() => void)[] = [];
    t.mock.method(globalThis, "queueMicrotask", (task: () => void) => void thrown.push(task));
    emitter.emit("said");
    assert.ok(isOtherCalled);
    assert.throws(() => thrown[0]?.(), /a fault of the application/);
  });
});
