import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { liveAddress } from "./live-address.ts";

describe("addresses of the page without a script", () => {
  test("[LIVE-1] a room's name is decoded once, and its cursor comes with it", () => {
    for (const [target, basePath, room, after] of [
      ["/r/lobby/live.html", "/", "lobby", null],
      ["/r/a%2Fb%20c/live.html?after=e:1&most=2", "/", "a/b c", "e:1"],
      ["/r/%2525/live.html#part", "/", "%25", null],
      ["/deep/base/r/%E2%82%AC/live.html?after=7", "/deep/base/", "€", "7"],
    ] as const) {
      const address = liveAddress(target, basePath);
      assert.ok(address?.kind === "live", target);
      assert.deepEqual([address.room, address.query.get("after")], [room, after], target);
    }
  });

  test("[LIVE-4] what can't be a room is told in a sentence", () => {
    for (const segment of ["%", "%ff", "", "%2e%2e", "%00", "e%CC%81", "x".repeat(129)]) {
      const address = liveAddress(`/r/${segment}/live.html`, "/");
      assert.ok(address?.kind === "bad-room", segment);
      assert.match(address.sentence, /^[A-Z].+\.$/);
    }
  });

  test("[LIVE-9] where a page without scripts asks for it, its own room's page is named", () => {
    for (const [target, location] of [
      ["/?live", "/r/lobby/live.html"],
      ["/index.html?live=1", "/r/lobby/live.html"],
      ["/r/?live", "/r/lobby/live.html"],
      ["/r/a%20b?x=1&live", "/r/a%20b/live.html"],
    ] as const) {
      assert.deepEqual(liveAddress(target, "/"), { kind: "lead", location }, target);
    }
    assert.deepEqual(liveAddress("/talk/?live", "/talk/"), {
      kind: "lead",
      location: "/talk/r/lobby/live.html",
    });
  });

  test("[LIVE-9] all other addresses are somebody else's", () => {
    for (const target of [
      "/",
      "/r/lobby",
      "/r/lobby/",
      "/r/lobby/live.html/",
      "/r/a/b/live.html",
      "/r/a/b?live",
      "/live.html",
      "/rooms/lobby?live",
      "//r/lobby/live.html",
      "http://host/r/lobby/live.html",
    ]) {
      assert.equal(liveAddress(target, "/"), null, target);
    }
    assert.equal(liveAddress("/r/lobby/live.html", "/talk/"), null);
  });
});
