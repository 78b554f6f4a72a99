import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { platformWake } from "./wake.ts";

const page = globalThis as { document?: unknown };
const network = new EventTarget();

/** What a listener of this platform's events heard, in order. */
function heard(): { readonly told: string[]; readonly stop: () => void } {
  const told: string[] = [];
  const stop = platformWake.listen(
    () => told.push("wake"),
    () => told.push("away"),
  );
  return { told, stop };
}

describe("platformWake", () => {
  beforeEach(() => void Object.assign(navigator, { connection: network }));
  afterEach(() => {
    Reflect.deleteProperty(page, "document");
    Reflect.deleteProperty(navigator, "connection");
  });

  test("[CLIENT-16] in Node there is nothing to listen to, and it is never sure to be offline", () => {
    Reflect.deleteProperty(navigator, "connection");
    heard().stop();
    assert.equal(platformWake.isOffline, false);
    assert.equal(platformWake.isHidden, false);
  });

  test("[CLIENT-16] a page wakes when it becomes visible or thaws, not when it is hidden, until stopped", () => {
    const document = Object.assign(new EventTarget(), { visibilityState: "hidden" });
    Object.defineProperty(page, "document", { value: document, configurable: true });
    const { told, stop } = heard();
    document.dispatchEvent(new Event("visibilitychange"));
    assert.equal(platformWake.isHidden, true);
    assert.deepEqual(told, []);
    document.visibilityState = "visible";
    document.dispatchEvent(new Event("visibilitychange"));
    document.dispatchEvent(new Event("resume"));
    assert.equal(platformWake.isHidden, false);
    assert.deepEqual(told, ["wake", "wake"]);
    stop();
    document.dispatchEvent(new Event("resume"));
    network.dispatchEvent(new Event("change"));
    assert.equal(told.length, 2);
  });

  test("[SLEEP-1] it wakes when the device comes into another network", () => {
    const { told, stop } = heard();
    network.dispatchEvent(new Event("change"));
    stop();
    assert.deepEqual(told, ["wake"]);
  });

  test("[SLEEP-2] it is away when it is put into the back/forward cache, not when it is left for good", () => {
    const window = new EventTarget();
    Object.assign(globalThis, { addEventListener: window.addEventListener.bind(window) });
    const { told, stop } = heard();
    window.dispatchEvent(Object.assign(new Event("pagehide"), { persisted: false }));
    window.dispatchEvent(Object.assign(new Event("pagehide"), { persisted: true }));
    window.dispatchEvent(new Event("pageshow"));
    window.dispatchEvent(new Event("online"));
    stop();
    window.dispatchEvent(new Event("pageshow"));
    Reflect.deleteProperty(globalThis, "addEventListener");
    assert.deepEqual(told, ["away", "wake", "wake"]);
  });
});
