import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { addressGroup } from "./address-group.ts";

describe("addressGroup", () => {
  test("[GROW-6] an IPv4 address counts for itself", () => {
    assert.equal(addressGroup("192.0.2.7"), "192.0.2.7");
    assert.notEqual(addressGroup("192.0.2.7"), addressGroup("192.0.2.8"));
  });

  test("[GROW-6] IPv6 addresses of one /64 count as one, however they are written", () => {
    const group = "2001:db8:0:7::/64";
    for (const address of [
      "2001:db8:0:7::1",
      "2001:db8:0:7:ffff:ffff:ffff:ffff",
      "2001:0db8:0000:0007:0:0:0:2",
      "2001:DB8:0:7::",
      "2001:db8:0:7::192.0.2.1",
    ]) {
      assert.equal(addressGroup(address), group, address);
    }
    assert.notEqual(addressGroup("2001:db8:0:8::1"), group);
    assert.equal(addressGroup("::1"), "0:0:0:0::/64");
    assert.equal(addressGroup("fe80::1%eth0"), "fe80:0:0:0::/64");
  });

  test("[GROW-6] an IPv4 address written as IPv6 is the IPv4 address", () => {
    assert.equal(addressGroup("::ffff:192.0.2.7"), "192.0.2.7");
    assert.equal(addressGroup("::FFFF:c000:207"), "192.0.2.7");
  });

  test("grouping a group changes nothing, and what is no address stays as it is", () => {
    assert.equal(addressGroup(addressGroup("2001:db8::1")), addressGroup("2001:db8::1"));
    for (const text of ["", "unknown", "a:b", ":::", "1:2:3"]) assert.equal(addressGroup(text), text);
  });
});
