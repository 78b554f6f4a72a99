import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { groupsOf, marksOf, readRange } from "./address-marks.ts";
import { readLink, signLink } from "./link-token.ts";

const secret = randomBytes(32);
const claims = { room: "Küche", id: "abcdefghijklmnopqrstuv", right: "moderator", expiresAt: 5 } as const;

describe("a link's token", () => {
  test("[MOD-6] says what was signed; changed in any character, shortened or signed elsewhere it says nothing", () => {
    const token = signLink(claims, secret);
    assert.match(token, /^[A-Za-z0-9_.-]{1,600}$/);
    assert.deepEqual(readLink(token, secret), claims);
    for (let i = 0; i < token.length; i += 1) {
      for (const other of ["A", "B", "-", ".", "="]) {
        const forged = token.slice(0, i) + other + token.slice(i + 1);
        if (forged !== token) assert.equal(readLink(forged, secret), null, forged);
      }
      assert.equal(readLink(token.slice(0, i), secret), null);
    }
    assert.equal(readLink(`${token}A`, secret), null);
    assert.equal(readLink(`${token}.`, secret), null);
    assert.equal(readLink(signLink(claims, randomBytes(32)), secret), null);
    assert.equal(readLink("1.".repeat(1_000), secret), null);
  });
});

describe("where somebody comes from", () => {
  test("[MOD-7] is a keyed hash of two widths, the same for one network and none of another", () => {
    assert.deepEqual(groupsOf("203.0.113.7"), ["203.0.113.7/32", "203.0.113.0/24"]);
    assert.deepEqual(groupsOf("::ffff:203.0.113.7"), groupsOf("203.0.113.7"));
    assert.deepEqual(groupsOf("2001:db8:1:2:3:4:5:6"), ["2001:db8:1:2::/64", "2001:db8:1::/48"]);
    assert.deepEqual(groupsOf("2001:0db8:0001:0002::9"), groupsOf("2001:db8:1:2:3:4:5:6"));
    assert.deepEqual(groupsOf("nonsense"), []);
    const [near, wide] = marksOf(groupsOf("203.0.113.7"), secret);
    const [otherNear, sameWide] = marksOf(groupsOf("203.0.113.8"), secret);
    assert.notEqual(near, otherNear);
    assert.equal(wide, sameWide);
    assert.notEqual(near, marksOf(groupsOf("203.0.113.7"), randomBytes(32))[0]);
    assert.doesNotMatch(JSON.stringify([near, wide]), /203|113/);
    assert.deepEqual(readRange("203.0.113.0/24"), { range: "203.0.113.0/24" });
    for (const spelt of [
      "2001:db8::/48",
      "2001:db8:0::/48",
      "2001:0DB8:0000::/48",
      "2001:db8:0:0:0:0:0:0/48",
    ])
      assert.deepEqual(readRange(spelt), { range: "2001:db8:0::/48" });
    assert.ok(groupsOf("2001:db8::7").includes("2001:db8:0::/48"));
    assert.match(readRange("203.0.113.7/24").fault ?? "", /spelt 203\.0\.113\.0\/24/);
    assert.match(readRange("2001:db8::7/64").fault ?? "", /spelt 2001:db8:0:0::\/64/);
    assert.match(readRange("0.0.0.0/0").fault ?? "", /width/);
    assert.match(readRange("::/0").fault ?? "", /width/);
    assert.match(readRange("all of them").fault ?? "", /address/);
  });
});
