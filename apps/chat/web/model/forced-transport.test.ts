import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { forcedTransport, keptQuery, sharesTabs } from "./forced-transport.ts";

describe("forcedTransport", () => {
  test("[PAGE-15] the address may ask for one transport, and nothing else of its query counts", () => {
    assert.equal(forcedTransport("?transport=stream"), "stream");
    assert.equal(forcedTransport("?x=1&transport=poll"), "poll");
    for (const search of ["", "?", "?transport=", "?transport=pigeon", "?Transport=poll"]) {
      assert.equal(forcedTransport(search), null, search);
    }
  });

  test("[PAGE-15] it stays in the address from room to room", () => {
    assert.equal(keptQuery("?x=1&transport=websocket"), "?transport=websocket");
    assert.equal(keptQuery("?x=1"), "");
  });

  test("[TABS-5] the address may ask for a connection of the page's own, also from room to room", () => {
    assert.equal(sharesTabs("?x=1"), true);
    for (const search of ["?tabs=off", "?x=1&tabs=off", "?transport=poll"])
      assert.equal(sharesTabs(search), false, search);
    assert.equal(keptQuery("?x=1&tabs=off"), "?tabs=off");
  });
});
