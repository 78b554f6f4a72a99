import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readRoute, roomPath, routeToRoom } from "./route.ts";

function roomAt(path: string, basePath = "/"): string | null {
  const route = readRoute(path, basePath);
  return route.kind === "room" ? route.room : null;
}

describe("readRoute", () => {
  test("[PAGE-9] the first page opens the lobby", () => {
    assert.equal(roomAt("/"), "lobby");
    assert.equal(roomAt("/index.html"), "lobby");
    assert.equal(roomAt("/chat/", "/chat/"), "lobby");
  });

  test("[PAGE-9] any name has its address, below any base path", () => {
    for (const name of ["lobby", "café talk", "a/b", "100%", "日本", "?#&=+", "...", "%2F"]) {
      for (const basePath of ["/", "/chat/"]) assert.equal(roomAt(roomPath(name, basePath), basePath), name);
    }
  });

  test("[PAGE-9] what can't be a room is told in a sentence, and never changed into one that can", () => {
    for (const path of [
      "/r/%zz",
      "/r/a/b",
      "/r/%00",
      "/r/..",
      "/r/e%CC%81",
      `/r/${"x".repeat(129)}`,
      "/r/%40me",
      "/x",
    ]) {
      const route = readRoute(path, "/");
      assert.match(route.kind === "not-a-room" ? route.sentence : "", /^[A-Z].*\.$/, path);
    }
  });
});

describe("routeToRoom", () => {
  test("[PAGE-9] an empty name is told in words", () => {
    assert.equal(routeToRoom("").kind, "not-a-room");
  });
});
