import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isPageAddress } from "./page-address.ts";

describe("isPageAddress", () => {
  test("[OFFLINE-1] the page is what stands at its base and at rooms; all other pages are asked for at the server", () => {
    const is = (path: string, base: string): boolean => isPageAddress(new URL(path, "http://here/"), base);
    for (const path of ["/", "/index.html", "/r/lobby", "/r/a%2Fb?transport=poll"])
      assert.equal(is(path, "/"), true, path);
    for (const path of ["/?live", "/r/lobby?live", "/tutorial", "/examples/game", "/rooms/lobby", "/status"])
      assert.equal(is(path, "/"), false, path);
    assert.equal(is("/talk/r/lobby", "/talk/"), true);
    assert.equal(is("/r/lobby", "/talk/"), false);
  });
});
