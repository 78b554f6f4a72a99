import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RoomLog } from "@parlor/log";
import { connectionsBelow, openFileLimit } from "./open-file-limit.ts";
import { DEFAULT_OPTIONS, type ParlorOptions } from "./options.ts";
import { OptionError, resolveOptions } from "./resolve-options.ts";

// Nothing here asks the log anything.
const log = {} as RoomLog;

/** Options as somebody without types may give them. */
const resolveAny = (options: Readonly<Record<string, unknown>>) =>
  resolveOptions({ log, ...options } as ParlorOptions);

describe("resolveOptions", () => {
  test("only the log must be given", () => {
    const options = resolveOptions({ log });
    assert.equal(options.publishPerSecond, 20);
    assert.equal(options.limits.maxBodyBytes, 65_536);
    assert.equal(options.authorize, null);
    assert.equal(options.operatorKey, null);
    assert.equal(options.maxConnections, connectionsBelow(openFileLimit()));
    assert.throws(() => resolveOptions({} as ParlorOptions), /`log` is missing/);
  });

  test("an undefined never replaces a default", () => {
    const undefineds = Object.fromEntries(Object.keys(DEFAULT_OPTIONS).map((name) => [name, undefined]));
    assert.deepEqual(
      resolveAny({ ...undefineds, maxConnections: undefined, authorize: undefined, operatorKey: undefined }),
      resolveOptions({ log }),
    );
  });

  test("what is given stands in place of its default", () => {
    const options = resolveOptions({ log, publishPerSecond: Infinity, coalesceMs: 0, maxRooms: 3 });
    assert.equal(options.publishPerSecond, Infinity);
    assert.equal(options.coalesceMs, 0);
    assert.equal(options.limits.maxRooms, 3);
  });

  test("frames hold the largest body that is allowed", () => {
    assert.equal(resolveOptions({ log, maxBodyBytes: 1_000_000 }).limits.maxFrameBytes, 1_002_048);
    assert.equal(resolveOptions({ log, maxBodyBytes: 100 }).limits.maxFrameBytes, 262_144);
    assert.throws(() => resolveOptions({ log, maxBodyBytes: 1000, maxFrameBytes: 1000 }), /maxFrameBytes/);
  });

  test("a base path begins and ends with a slash, and holds nothing that would be read twice", () => {
    assert.equal(resolveOptions({ log, basePath: "/chat" }).basePath, "/chat/");
    assert.equal(resolveOptions({ log, basePath: "/a/b/" }).basePath, "/a/b/");
    for (const basePath of ["", "chat", "//", "/a//b", "/a b", "/..", "/a/./b", "/%61", "/a?b", 7]) {
      assert.throws(() => resolveAny({ basePath }), /`basePath` is a path/, String(basePath));
    }
  });

  test("[ORIGIN-9] an origin must be written as a browser writes it, and the sentence says how", () => {
    const origins = ["https://example.org", "http://10.0.0.1:8080", "http://[::1]:3000"];
    assert.deepEqual(resolveOptions({ log, origins }).origins, origins);
    for (const wrong of ["https://example.org/", "https://Example.org", "https://example.org:443"]) {
      assert.throws(() => resolveOptions({ log, origins: [wrong] }), /exactly as.*"https:\/\/example\.org"/);
    }
    for (const wrong of [
      "*",
      "null",
      "",
      "example.org",
      "ws://example.org",
      "https://*.example.org",
      "https://",
      7,
    ]) {
      assert.throws(() => resolveAny({ origins: [wrong] }), /`origins` lists/, String(wrong));
    }
    assert.throws(() => resolveAny({ origins: "https://example.org" }), /list/);
  });

  test("trusted proxies are addresses or ranges", () => {
    const trustProxy = ["127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8"];
    assert.deepEqual(resolveOptions({ log, trustProxy }).trustProxy, trustProxy);
    for (const wrong of [
      "",
      "proxy",
      "10.0.0.0/33",
      "::/129",
      "10.0.0.0/",
      "10.0.0.0/8/8",
      "1.2.3",
      "fe80::1%lo",
      true,
    ]) {
      assert.throws(() => resolveAny({ trustProxy: [wrong] }), /`trustProxy` lists/, String(wrong));
    }
  });

  test("a value that can't be one is a sentence that names the option and what was given", () => {
    const wrong: readonly (readonly [string, unknown])[] = [
      ["publishPerSecond", 0],
      ["publishPerSecond", Number.NaN],
      ["publishPerSecond", "20"],
      ["connectionsPerAddress", 1.5],
      ["connectionsPerAddress", -1],
      ["maxConnections", 0],
      ["maxConnections", Infinity],
      ["maxBodyBytes", 0],
      ["maxRooms", Infinity],
      ["maxInFlight", -1],
      ["maxProfileBytes", 1],
      ["heartbeatMs", Infinity],
      ["heartbeatMs", null],
      ["signalsPerSecond", 0],
      ["coalesceMs", 1_001],
      ["sendBufferBytes", 1],
      ["totalSendBufferBytes", 65_536],
      ["requireOrigin", "yes"],
      ["authorize", true],
      ["authenticate", {}],
      ["version", ""],
      ["requests", []],
      ["requests", null],
      ["requests", { rename: 1 }],
      ["requests", { "": () => 1 }],
      ["requestTimeoutMs", 0],
      ["requestTimeoutMs", 10_001],
    ];
    for (const [name, value] of wrong) {
      assert.throws(
        () => resolveAny({ [name]: value }),
        (error) =>
          error instanceof OptionError &&
          error.code === "bad-option" &&
          error.message.includes(`\`${name}\``),
        `${name}: ${String(value)}`,
      );
    }
  });

  test("an operator's key is never repeated in a sentence", () => {
    assert.equal(resolveOptions({ log, operatorKey: "s3cret" }).operatorKey, "s3cret");
    for (const operatorKey of ["", "with space", "ümlaut", "x".repeat(513)]) {
      assert.throws(
        () => resolveOptions({ log, operatorKey }),
        (error) =>
          error instanceof OptionError && (operatorKey === "" || !error.message.includes(operatorKey)),
      );
    }
  });
});

describe("openFileLimit", () => {
  test("reads a limit where the system tells one, and falls back where it does not", () => {
    assert.ok(openFileLimit() >= 256);
    assert.equal(openFileLimit("/nonexistent"), 1024);
    assert.equal(openFileLimit("/proc/self/status"), 1024);
  });

  test("[GROW-8] connections stay below it with headroom, and above nothing", () => {
    assert.equal(connectionsBelow(20_000), 19_800);
    assert.equal(connectionsBelow(1_024), 896);
    assert.equal(connectionsBelow(10), 1);
    assert.equal(connectionsBelow(Infinity), 1_000_000);
  });
});
