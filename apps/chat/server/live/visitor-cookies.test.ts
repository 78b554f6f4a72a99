import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isIdentityKey } from "@parlor/protocol";
import { keyCookie, nameCookie, newKey, readVisitor } from "./visitor-cookies.ts";

const SCOPE = { basePath: "/talk/", isSecure: false };

describe("cookies of a visitor without scripts", () => {
  test("[LIVE-7] what is set comes back, whatever the name", () => {
    const names = [
      ["Ada", "Ada"],
      ["Zoë; Path=/", "Zoë; Path=/"],
      ['a=b, "c"', 'a=b, "c"'],
      ["王小明", "王小明"],
      ["👩‍👩‍👧", "👩‍👩‍👧"],
      ["%41", "%41"],
      ["\r\nSet-Cookie: x=1", "Set-Cookie: x=1"],
      ["\ud800", "\ufffd"],
      ["", null],
    ] as const;
    for (const [name, shown] of names) {
      const key = newKey();
      const set = [keyCookie(key, SCOPE), nameCookie(name, SCOPE)];
      for (const cookie of set)
        assert.match(cookie, /^[\w]+=[!-:<-~]*; Path=\/talk\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
      const header = set.map((cookie) => cookie.split(";")[0]).join("; ");
      const visitor = readVisitor(`other=1; ${header}`);
      assert.equal(visitor.key, key);
      assert.equal(visitor.name, shown);
    }
  });

  test("[LIVE-7] a key is one that any client could have, and goes over TLS alone where it was set so", () => {
    assert.ok(isIdentityKey(newKey()));
    assert.notEqual(newKey(), newKey());
    assert.match(keyCookie(newKey(), { ...SCOPE, isSecure: true }), /; Secure$/);
  });

  test("[LIVE-7] what is no key and no name is nobody's, and the first of two counts", () => {
    for (const header of [
      undefined,
      "",
      ";;=;",
      "parlor_key",
      "parlor_key=short",
      `parlor_key=${"x".repeat(65)}`,
    ]) {
      assert.deepEqual(readVisitor(header), { key: null, name: null }, header);
    }
    assert.equal(readVisitor("parlor_name=%ff").name, null);
    const [near, far] = [newKey(), newKey()];
    assert.equal(readVisitor(`parlor_key=${near}; parlor_key=${far}`).key, near);
  });
});
