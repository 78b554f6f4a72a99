import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import { Draft } from "./draft.ts";
import { KeptTexts } from "./kept-texts.ts";

class FakeStorage {
  readonly texts = new Map<string, string>();
  isFull = false;

  getItem(key: string): string | null {
    return this.texts.get(key) ?? null;
  }

  setItem(key: string, text: string): void {
    if (this.isFull) throw new Error("QuotaExceededError");
    this.texts.set(key, text);
  }

  removeItem(key: string): void {
    this.texts.delete(key);
  }
}

describe("KeptTexts", () => {
  test("[PAGE-10] what is kept is there in the next page, and an empty text leaves nothing behind", () => {
    const storage = new FakeStorage();
    new KeptTexts(storage).keep("name", "Ada");
    assert.equal(new KeptTexts(storage).read("name"), "Ada");
    new KeptTexts(storage).keep("name", "");
    assert.equal(storage.texts.size, 0);
  });

  test("[PAGE-10] without storage, or with a full one, texts last as long as the page", () => {
    const full = new FakeStorage();
    full.isFull = true;
    for (const storage of [null, full]) {
      const texts = new KeptTexts(storage);
      texts.keep("name", "Ada");
      assert.equal(texts.read("name"), "Ada");
    }
  });

  test("[PAGE-10] what is kept in a tab it reads again, whatever other tabs keep, also where it is empty", () => {
    const storage = new FakeStorage();
    const ofTab = new FakeStorage();
    const texts = new KeptTexts(storage, ofTab);
    texts.keepInTab("draft", "mine");
    new KeptTexts(storage, new FakeStorage()).keep("draft", "another's");
    assert.equal(new KeptTexts(storage, ofTab).read("draft"), "mine");
    texts.keepInTab("draft", "");
    assert.equal(new KeptTexts(storage, ofTab).read("draft"), "");
    assert.equal(new KeptTexts(storage, new FakeStorage()).read("draft"), "another's");
    ofTab.isFull = true;
    texts.keepInTab("draft", "more");
    assert.equal(texts.read("draft"), "more");
  });
});

describe("Draft", () => {
  test("[PAGE-10] is one for each room, and written down when the page may go", () => {
    const storage = new FakeStorage();
    const texts = new KeptTexts(storage);
    const lobby = new Draft(texts, "lobby");
    lobby.change("half a sen");
    lobby.write();
    assert.equal(new Draft(texts, "lobby").read(), "half a sen");
    assert.equal(new Draft(texts, "garden").read(), "");
  });

  test("[PAGE-10] is written down by itself while one types on", () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const storage = new FakeStorage();
      const draft = new Draft(new KeptTexts(storage), "lobby");
      draft.change("a");
      mock.timers.tick(399);
      draft.change("ab");
      assert.equal(storage.texts.size, 0);
      mock.timers.tick(1);
      assert.equal(storage.getItem("parlor.draft:lobby"), "ab");
    } finally {
      mock.timers.reset();
    }
  });
});
