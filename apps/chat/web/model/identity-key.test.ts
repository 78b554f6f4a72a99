import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { identityOfKey, keyInFragment } from "./identity-key.ts";
import { keyAddress, keyInText } from "./own-key.ts";

const key = fc.string({ minLength: 22, maxLength: 64, unit: "grapheme-ascii" });

describe("a key in an address", () => {
  test("[SELF-2] is read back as it was, stands behind the # alone, and its name comes along", () => {
    fc.assert(
      fc.property(key, fc.constantFrom(null, "Ada", "王 & 小#明"), (secret, name) => {
        const address = new URL(keyAddress("https://chat.example/talk/", { key: secret, name }));
        assert.deepEqual(keyInFragment(address.hash), { key: secret, name });
        assert.equal(address.pathname + address.search, "/talk/");
      }),
    );
  });

  test("[SELF-2] what was pasted may be the address or the key alone, and nothing else", () => {
    const secret = "k".repeat(43);
    assert.deepEqual(keyInText(` https://a.example/r/x#me=${secret}&name=Ada\n`), {
      key: secret,
      name: "Ada",
    });
    assert.deepEqual(keyInText(secret), { key: secret, name: null });
    for (const text of [
      "",
      "short",
      "https://a.example/#me=short",
      "https://a.example/a/long/address/of/mine",
      "#me=%",
    ])
      assert.equal(keyInText(text), null, text);
  });

  test("[SELF-2] its identity is the one that the server derives", async () => {
    const secret = "é".repeat(30);
    const expected = createHash("sha256").update(secret).digest("base64url").slice(0, 22);
    assert.equal(await identityOfKey(secret), expected);
  });
});
