import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isLoopback, PeerFinder, type PeerQuestion } from "./peer-address.ts";

const PROXY = "10.0.0.1";

function find(trust: readonly string[], question: Partial<PeerQuestion>) {
  return new PeerFinder(trust).find({
    socketAddress: PROXY,
    isTls: false,
    forwardedFor: undefined,
    forwardedProto: undefined,
    ...question,
  });
}

describe("PeerFinder", () => {
  test("[GROW-10] from anybody who is not a trusted proxy the forwarding headers count for nothing", () => {
    const forged = { forwardedFor: "203.0.113.9", forwardedProto: "https" };
    const direct = { address: PROXY, scheme: "http" };
    assert.deepEqual(find([], forged), direct);
    assert.deepEqual(find(["10.0.0.2"], forged), direct);
    assert.deepEqual(find([], { ...forged, isTls: true }), { address: PROXY, scheme: "https" });
  });

  test("[GROW-10] behind a trusted proxy the peer is the rightmost hop that is not trusted", () => {
    assert.equal(find([PROXY], { forwardedFor: "203.0.113.9" }).address, "203.0.113.9");
    assert.equal(find([PROXY], { forwardedFor: "198.51.100.1, 203.0.113.9" }).address, "203.0.113.9");
    assert.equal(
      find(["10.0.0.0/8"], { forwardedFor: "203.0.113.9, 10.9.9.9,10.3.3.3" }).address,
      "203.0.113.9",
    );
    assert.equal(
      find(["10.0.0.0/8"], { forwardedFor: "garbage, 203.0.113.9, 10.3.3.3" }).address,
      "203.0.113.9",
    );
  });

  test("[GROW-10] where every hop is trusted, the farthest is the peer", () => {
    assert.equal(find(["10.0.0.0/8"], { forwardedFor: "10.5.5.5, 10.9.9.9" }).address, "10.5.5.5");
  });

  test("[GROW-10] a list with garbage, or none, leaves the socket's address", () => {
    for (const forwardedFor of [
      undefined,
      "",
      " ",
      ",",
      "unknown",
      "_hidden",
      "203.0.113.9,",
      "203.0.113.9, x",
      "203.0.113.256",
      "203.0.113.9:x",
      "[203.0.113.9",
      "::1::",
      "<script>",
      "203.0.113.9 10.0.0.1",
    ]) {
      assert.equal(find([PROXY], { forwardedFor }).address, PROXY, String(forwardedFor));
    }
  });

  test("[GROW-10] addresses are taken with port, in brackets and in any spelling, and come out in one", () => {
    const spelling: readonly (readonly [string, string])[] = [
      ["203.0.113.9:4711", "203.0.113.9"],
      ["2001:DB8::7", "2001:db8::7"],
      ["[2001:db8::7]", "2001:db8::7"],
      ["[2001:db8::7]:443", "2001:db8::7"],
      ["::ffff:203.0.113.9", "203.0.113.9"],
      ["[::ffff:cb00:7109]:1", "203.0.113.9"],
    ];
    for (const [written, address] of spelling) {
      assert.equal(find([PROXY], { forwardedFor: written }).address, address);
    }
  });

  test("[GROW-10] a proxy that connects over IPv6 with an IPv4 address is known by either", () => {
    const forwardedFor = "203.0.113.9";
    assert.equal(find([PROXY], { socketAddress: "::ffff:10.0.0.1", forwardedFor }).address, forwardedFor);
    assert.equal(find(["fd00::/8"], { socketAddress: "fd00::1", forwardedFor }).address, forwardedFor);
    assert.equal(find([], { socketAddress: "::ffff:192.0.2.1" }).address, "192.0.2.1");
    assert.equal(find([], { socketAddress: "fe80::1%eth0" }).address, "fe80::1");
    assert.equal(find([PROXY], { socketAddress: undefined, forwardedFor }).address, "unknown");
  });

  test("[ORIGIN-3] the scheme is what the trusted proxy says, and the socket's where that is nonsense", () => {
    const forwardedFor = "203.0.113.9";
    const scheme = (forwardedProto: string | undefined, isTls = false): string =>
      find([PROXY], { forwardedFor, forwardedProto, isTls }).scheme;
    assert.equal(scheme("https"), "https");
    assert.equal(scheme("HTTPS"), "https");
    assert.equal(scheme("wss"), "https");
    assert.equal(scheme("http", true), "http");
    assert.equal(scheme(undefined, true), "https");
    assert.equal(scheme("ftp"), "http");
    assert.equal(scheme(""), "http");
    // Of a list, the entry of the proxy that saw the peer; what is left of it the peer wrote itself.
    assert.equal(scheme("https, http"), "http");
    const chain = { forwardedFor: "203.0.113.9, 10.0.0.2", forwardedProto: "https, http" };
    assert.equal(find(["10.0.0.0/8"], chain).scheme, "https");
    assert.equal(find([PROXY], { forwardedProto: "https" }).scheme, "https");
  });

  test("[GROW-10] a chain without end is not walked without end", () => {
    const forwardedFor = Array.from({ length: 5_000 }, () => "10.0.0.2").join(",");
    assert.equal(find(["10.0.0.0/8"], { forwardedFor }).address, "10.0.0.2");
  });

  test("no header makes it throw, and what comes out is an address", () => {
    const finder = new PeerFinder(["10.0.0.0/8", "::1"]);
    fc.assert(
      fc.property(fc.string(), fc.string(), (forwardedFor, forwardedProto) => {
        const peer = finder.find({ socketAddress: PROXY, isTls: false, forwardedFor, forwardedProto });
        assert.ok(peer.address.length > 0 && peer.address.length < 46);
      }),
    );
  });
});

test("isLoopback knows this machine's own addresses", () => {
  for (const address of ["127.0.0.1", "127.9.9.9", "::1"]) assert.ok(isLoopback(address));
  for (const address of ["10.0.0.1", "::2", "127.evil", "unknown", ""]) assert.ok(!isLoopback(address));
});
