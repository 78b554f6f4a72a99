import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Loaded } from "./loaded.ts";

describe("a part that is loaded later", () => {
  test("whoever asks while it is on its way gets it, too, and it is loaded once", async () => {
    let arrive = (_part: string): void => undefined;
    let loads = 0;
    const part = new Loaded(() => {
      loads += 1;
      return new Promise<string>((resolve) => (arrive = resolve));
    });
    const [first, second] = [part.get(), part.get()];
    assert.equal(part.loaded, null);
    arrive("here");
    assert.deepEqual(await Promise.all([first, second, part.get()]), ["here", "here", "here"]);
    assert.equal(part.loaded, "here");
    assert.equal(loads, 1);
  });

  test("one that did not come is null to all who asked, at once, and loaded again later", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    let loads = 0;
    const part = new Loaded(async () => {
      loads += 1;
      if (loads === 1) throw new TypeError("offline");
      return await Promise.resolve("here");
    });
    assert.deepEqual(await Promise.all([part.get(), part.get()]), [null, null]);
    t.mock.timers.tick(4_999);
    assert.equal(await part.get(), null);
    assert.equal(loads, 1);
    t.mock.timers.tick(1);
    assert.equal(await part.get(), "here");
    assert.equal(loads, 2);
  });
});
