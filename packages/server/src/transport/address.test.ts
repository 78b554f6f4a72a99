import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseTarget } from "./address.ts";

const at = (target: string, basePath = "/") => parseTarget(target, basePath)?.address ?? null;

describe("addresses", () => {
  test("[ROOM-20] each address is known below the base path, and only there", () => {
    for (const base of ["/", "/chat/", "/a/b/"]) {
      assert.deepEqual(at(`${base}connect`, base), { kind: "connect" });
      assert.deepEqual(at(`${base}connect/stream`, base), { kind: "connect-stream" });
      assert.deepEqual(at(`${base}connect/poll?wait=0`, base), { kind: "connect-poll" });
      assert.deepEqual(at(`${base}connect/send`, base), { kind: "connect-send" });
      for (const kind of ["healthz", "readyz", "metrics"]) assert.deepEqual(at(base + kind, base), { kind });
      assert.deepEqual(at(`${base}status`, base), { kind: "status", file: null });
      assert.deepEqual(at(`${base}status/status.css`, base), { kind: "status", file: "status.css" });
      assert.deepEqual(at(`${base}rooms/lobby`, base), { kind: "room", room: "lobby" });
      assert.deepEqual(at(`${base}rooms/lobby/messages`, base), { kind: "room-messages", room: "lobby" });
    }
    assert.equal(at("/healthz", "/chat/"), null);
    assert.equal(at("/chat", "/chat/"), null);
    assert.equal(at("/chatter/healthz", "/chat/"), null);
  });

  test("[ROOM-20] what is not ours is left alone", () => {
    for (const target of [
      "/",
      "",
      "*",
      "/rooms",
      "/rooms/a/b",
      "/rooms/a/messages/",
      "/rooms/a/messages/x",
      "/Rooms/a",
      "/%72ooms/a",
      "/connect/",
      "/connect/stream/",
      "/connect/constructor",
      "/constructor",
      "/__proto__",
      "/status/",
      "/status/a/b",
      "/healthz/",
      "//healthz",
      "//rooms/a",
      "/./healthz",
      "/x/../healthz",
      "\\healthz",
    ]) {
      assert.equal(at(target), null, target);
    }
  });

  test("[ROOM-21] a room's name is decoded once, from its own segment", () => {
    assert.deepEqual(at("/rooms/a%2Fb"), { kind: "room", room: "a/b" });
    assert.deepEqual(at("/rooms/a%2Fmessages"), { kind: "room", room: "a/messages" });
    assert.deepEqual(at("/rooms/%25%32%65"), { kind: "room", room: "%2e" });
    assert.deepEqual(at("/rooms/caf%C3%A9/messages"), { kind: "room-messages", room: "café" });
    assert.deepEqual(at("/rooms/a+b"), { kind: "room", room: "a+b" });
    assert.deepEqual(at("/rooms/%40server"), { kind: "room", room: "@server" });
    assert.deepEqual(at("/rooms/con"), { kind: "room", room: "con" });
    assert.deepEqual(at("/rooms/messages"), { kind: "room", room: "messages" });
    assert.deepEqual(at("/rooms/__proto__"), { kind: "room", room: "__proto__" });
    assert.deepEqual(at("/rooms/%3F%23?x#y"), { kind: "room", room: "?#" });
  });

  test("[ROOM-22] dots are refused and never resolved, however they are written (B37)", () => {
    for (const dots of ["..", ".", "%2e%2e", "%2E.", "%2e"]) {
      assert.equal(at(`/rooms/${dots}`)?.kind, "bad-room", dots);
      assert.equal(at(`/rooms/${dots}/messages`)?.kind, "bad-room", dots);
    }
    assert.equal(at("/rooms/../rooms/a"), null);
    assert.equal(at("/rooms/a/../b"), null);
  });

  test("[ROOM-22] a name that can't be one is told why", () => {
    const fault = (target: string): string => {
      const address = at(target);
      return address?.kind === "bad-room" ? address.fault : assert.fail(`${target} was taken`);
    };
    assert.match(fault("/rooms/"), /empty/);
    assert.match(fault("/rooms//messages"), /empty/);
    assert.match(fault("/rooms/%"), /percent-encoded UTF-8/);
    assert.match(fault("/rooms/%zz"), /percent-encoded UTF-8/);
    assert.match(fault("/rooms/%C3"), /percent-encoded UTF-8/);
    assert.match(fault("/rooms/%ED%A0%80"), /percent-encoded UTF-8/);
    assert.match(fault("/rooms/%C0%AE%C0%AE"), /percent-encoded UTF-8/);
    assert.match(fault("/rooms/a%00b"), /control/);
    assert.match(fault("/rooms/a%0D%0Ab"), /control/);
    assert.match(fault("/rooms/cafe%CC%81"), /NFC/);
    assert.match(fault(`/rooms/${"x".repeat(129)}`), /128 bytes/);
    assert.match(fault("/rooms/caf\u00c3\u00a9"), /ASCII/);
    assert.match(fault("/rooms/a#b"), /ASCII/);
    assert.match(fault("/rooms/a b"), /ASCII/);
  });

  test("[ROOM-23] a request line with a whole URL is refused in words, and only where it would be ours", () => {
    assert.equal(at("http://evil.example/rooms/a")?.kind, "bad-target");
    assert.equal(at("HTTPS://evil.example:80/healthz")?.kind, "bad-target");
    assert.equal(at("http://evil.example/elsewhere"), null);
    assert.equal(at("http://evil.example"), null);
    assert.equal(at("http:/healthz"), null);
  });

  test("the query is read beside the path and is never part of a name", () => {
    const target = parseTarget("/rooms/a?after=12&after=13&x=%zz&y=%2F", "/");
    assert.deepEqual(target?.query.getAll("after"), ["12", "13"]);
    assert.equal(target?.query.get("y"), "/");
    assert.deepEqual(target?.address, { kind: "room", room: "a" });
    assert.equal([...(parseTarget("/rooms/a", "/")?.query ?? [])].length, 0);
  });

  test("[ROOM-21] every name survives encodeURIComponent and comes back itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 30 }), (name) => {
        const address = at(`/rooms/${encodeURIComponent(name)}/messages`);
        assert.ok(
          address?.kind === "bad-room" || (address?.kind === "room-messages" && address.room === name),
        );
      }),
    );
  });

  test("no target makes it throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        parseTarget(text, "/");
        parseTarget(`/rooms/${text}`, "/");
        parseTarget(`/chat/${text}`, "/chat/");
      }),
    );
  });
});
