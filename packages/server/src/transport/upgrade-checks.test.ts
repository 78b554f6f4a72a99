import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { growthWhenDoubled } from "@parlor/testkit";
import { checkUpgrade, type UpgradeCheck } from "./upgrade-checks.ts";

const GOOD: Readonly<Record<string, string | readonly string[]>> = {
  Host: "localhost:8080",
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** Checks the good request with some headers replaced, several times given, or (undefined) left out. */
function check(
  changed: Readonly<Record<string, string | readonly string[] | undefined>> = {},
  request: { method?: string; httpVersion?: string } = {},
): UpgradeCheck {
  const rawHeaders = Object.entries({ ...GOOD, ...changed }).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().flatMap((one) => [name, one]),
  );
  return checkUpgrade({ method: "GET", httpVersion: "1.1", rawHeaders, ...request });
}

function refused(result: UpgradeCheck): Exclude<UpgradeCheck, { ok: true }> {
  return result.ok ? assert.fail("the request was taken") : result;
}

describe("upgrade requests", () => {
  test("[HELLO-30] a request as RFC 6455 wants it is taken, in whatever case its tokens are", () => {
    assert.deepEqual(check(), { ok: true, protocols: [] });
    assert.ok(check({ Upgrade: "WebSocket", Connection: "keep-alive, UPGRADE" }).ok);
    assert.ok(check({ Upgrade: "h2c, websocket", Connection: ["keep-alive", "Upgrade"] }).ok);
    assert.ok(check({ "Content-Length": "0" }).ok);
  });

  test("[HELLO-30] only GET over HTTP/1.1 asks for one", () => {
    const post = refused(check({}, { method: "POST" }));
    assert.equal(post.status, 405);
    assert.equal(post.headers["allow"], "GET");
    for (const httpVersion of ["1.0", "0.9", "2.0", "", "x"]) {
      assert.equal(refused(check({}, { httpVersion })).status, 400, httpVersion);
    }
  });

  test("[HELLO-31] Host is there exactly once", () => {
    assert.equal(refused(check({ Host: undefined })).status, 400);
    assert.match(refused(check({ Host: ["localhost:8080", "evil.example"] })).message, /exactly one Host/);
  });

  test("[HELLO-32] an upgrade to something else, or one whose headers were cut off, is refused (B5, B20)", () => {
    for (const upgrade of [undefined, "", "h2c", "websockets", "web socket", "websocket/13"]) {
      assert.equal(refused(check({ Upgrade: upgrade })).status, 400, String(upgrade));
    }
    for (const connection of [undefined, "", "keep-alive", "upgraded"]) {
      assert.equal(refused(check({ Connection: connection })).status, 400, String(connection));
    }
    assert.equal(refused(checkUpgrade({ method: "GET", httpVersion: "1.1", rawHeaders: [] })).status, 400);
    assert.equal(
      refused(checkUpgrade({ method: undefined, httpVersion: "1.1", rawHeaders: ["Host"] })).status,
      405,
    );
  });

  test("[HELLO-33] another version is answered 426 with the version that is spoken (O2)", () => {
    for (const version of [undefined, "0", "7", "8", "12", "14", "013", "13, 8", ["13", "13"], "x"]) {
      const refusal = refused(check({ "Sec-WebSocket-Version": version }));
      assert.equal(refusal.status, 426);
      assert.equal(refusal.headers["sec-websocket-version"], "13");
      assert.equal(refusal.code, "version");
    }
  });

  test("[HELLO-34] the key is there once and is 16 bytes", () => {
    const good = "dGhlIHNhbXBsZSBub25jZQ==";
    for (const key of [
      undefined,
      "",
      "abc",
      "x".repeat(24),
      `${good}=`,
      [good, good],
      `${good}, ${good}`,
      "dGhlIHNhbXBsZSBub25jZQ=",
    ]) {
      assert.match(refused(check({ "Sec-WebSocket-Key": key })).message, /Sec-WebSocket-Key/, String(key));
    }
  });

  test("[HELLO-35] the drafts before RFC 6455 are refused by name (O2)", () => {
    const keys = { "Sec-WebSocket-Key1": "4 @1  46546xW%0l 1 5", "Sec-WebSocket-Key2": "12998 5 Y3 1  .P00" };
    assert.match(refused(check(keys)).message, /hixie-76/);
  });

  test("[HELLO-36] an upgrade with a body is refused, so that nothing is read twice", () => {
    assert.equal(refused(check({ "Content-Length": "5" })).status, 400);
    assert.equal(refused(check({ "Content-Length": ["0", "5"] })).status, 400);
    assert.equal(refused(check({ "Transfer-Encoding": "chunked" })).status, 400);
  });
});

describe("subprotocols", () => {
  const offer = (value: string | readonly string[]): UpgradeCheck =>
    check({ "Sec-WebSocket-Protocol": value });

  test("[HELLO-37] come in the client's order, from one header or several", () => {
    assert.deepEqual(offer("parlor.v1"), { ok: true, protocols: ["parlor.v1"] });
    assert.deepEqual(offer("parlor.v2 ,\tparlor.v1"), { ok: true, protocols: ["parlor.v2", "parlor.v1"] });
    assert.deepEqual(offer(["b", "a"]), { ok: true, protocols: ["b", "a"] });
    assert.deepEqual(offer("constructor, __proto__"), { ok: true, protocols: ["constructor", "__proto__"] });
  });

  test("[HELLO-37] what is no list of different tokens is refused", () => {
    for (const value of ["", ",", "a,", ",a", "a b", "a;b", "a, a", "a/b", 'a"', "ä", "a\u0000"]) {
      assert.equal(refused(offer(value)).status, 400, value);
    }
    assert.match(refused(offer(["a", "a"])).message, /twice/);
  });

  test("[HELLO-38] headers made to be slow to read are not: twice as long takes about twice as long (B3, B4)", () => {
    const blanks = (size: number): string => " ".repeat(size);
    for (const [what, headers] of [
      ["blanks in a token", (size: number) => ({ "Sec-WebSocket-Protocol": `b${blanks(size)}x` })],
      ["blanks behind a comma", (size: number) => ({ "Sec-WebSocket-Protocol": `b,${blanks(size)}` })],
      ["commas", (size: number) => ({ "Sec-WebSocket-Protocol": ",".repeat(size) })],
      ["tokens", (size: number) => ({ "Sec-WebSocket-Protocol": "a, b,".repeat(size / 5) })],
      [
        "a quotation without end",
        (size: number) => ({ "Sec-WebSocket-Extensions": `a; b="${"\\c".repeat(size / 2)}` }),
      ],
      [
        "blanks in an upgrade",
        (size: number) => ({ Upgrade: `${blanks(size)}x`, Connection: `${blanks(size)},x` }),
      ],
      ["blanks in a key", (size: number) => ({ "Sec-WebSocket-Key": `a${blanks(size)}=` })],
    ] as const) {
      const growth = growthWhenDoubled((size) => check(headers(size)), 20_000);
      assert.ok(growth < 3, `${what}: ${growth.toFixed(1)} times the work`);
    }
  });

  test("[HELLO-38] an extension is never looked at, whatever its name (B2)", () => {
    for (const extensions of ["constructor, __proto__; __proto__=1", `a; b="\\c`, ";;;,,,==="]) {
      assert.ok(check({ "Sec-WebSocket-Extensions": extensions }).ok, extensions);
    }
  });

  test("[HELLO-38] no headers make it throw", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (rawHeaders) => {
        const base = Object.entries(GOOD).flatMap(([name, value]) => [name, String(value)]);
        checkUpgrade({ method: "GET", httpVersion: "1.1", rawHeaders });
        checkUpgrade({ method: "GET", httpVersion: "1.1", rawHeaders: [...base, ...rawHeaders] });
      }),
    );
  });
});
