import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { platformWake } from "./wake.ts";

const page = globalThis as { document?: unknown };

afterEach(() => void Reflect.deleteProperty(page, "document"));

describe("platformWake", () => {
  test("[CLIENT-16] in Node there is nothing to listen to, and it is never sure to be offline", () => {
    platformWake.listen(() => assert.fail())();
    assert.equal(platformWake.isOffline, false);
  });

  test("[CLIENT-16] a page wakes when it becomes visible or thaws, not when it is hidden, until stopped", () => {
    const document = Object.assign(new EventTarget(), { visibilityState: "hidden" });
    Object.defineProperty(page, "document", { value: document, configurable: true });
    let woken = 0;
    const stop = platformWake.listen(() => {
      woken += 1;
    });
    document.dispatchEvent(new Event("visibilitychange"));
    assert.equal(woken, 0);
    document.visibilityState = "visible";
    document.dispatchEvent(new Event("visibilitychange"));
    document.dispatchEvent(new Event("resume"));
    assert.equal(woken, 2);
    stop();
    document.dispatchEvent(new Event("resume"));
    assert.equal(woken, 2);
  });
});
