import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { OperatorDoor } from "./operator-door.ts";
import { Counters } from "./room/counters.ts";

const KEY = "operator-key-of-this-test";
const HERE = "203.0.113.9";

function door(operatorKey: string | null = KEY) {
  const clock = new FakeClock();
  const counters = new Counters();
  const shown: string[] = [];
  const events = { wrongOperatorKey: (address: string) => void shown.push(address) };
  return { door: new OperatorDoor({ operatorKey, clock, counters, events }), clock, counters, shown };
}

describe("the operator's door", () => {
  test("opens to the whole key, and to nothing where there is none", () => {
    const { door: keyed } = door();
    assert.equal(keyed.check(KEY, HERE), "operator");
    assert.equal(keyed.check(null, HERE), "no-key");
    assert.equal(keyed.check("", HERE), "no-key");
    for (const wrong of [KEY.slice(1), `${KEY}x`, "null", " "])
      assert.equal(keyed.check(wrong, HERE), "wrong-key");
    const { door: keyless } = door(null);
    for (const key of [null, "", "null", KEY]) assert.equal(keyless.check(key, HERE), "off");
  });

  test("[OPERATOR-2] an address that showed ten wrong keys is not listened to, with the right one neither, and others are", () => {
    const { door: keyed, clock, counters, shown } = door();
    for (let i = 0; i < 10; i++) assert.equal(keyed.check(`guess-${i}`, HERE), "wrong-key");
    assert.equal(keyed.check(KEY, HERE), "too-many-guesses");
    assert.ok(keyed.waitMs(HERE) > 0);
    assert.equal(counters.operatorGuessesRefused, 1);
    assert.deepEqual(new Set(shown), new Set([HERE]));
    assert.equal(shown.length, 10);
    assert.equal(keyed.check(KEY, "203.0.113.10"), "operator");
    clock.advance(10_000);
    assert.equal(keyed.check(KEY, HERE), "operator");
    assert.equal(keyed.check("guess", HERE), "wrong-key");
    assert.equal(keyed.check(KEY, HERE), "too-many-guesses");
  });

  test("[OPERATOR-2] a network of IPv6 is one address", () => {
    const { door: keyed } = door();
    for (let i = 0; i < 10; i++) keyed.check("guess", `2001:db8:1:2::${i}`);
    assert.equal(keyed.check(KEY, "2001:db8:1:2:3::4"), "too-many-guesses");
    assert.equal(keyed.check(KEY, "2001:db8:1:3::1"), "operator");
  });

  test("the right key costs no guess", () => {
    const { door: keyed } = door();
    for (let i = 0; i < 100; i++) assert.equal(keyed.check(KEY, HERE), "operator");
  });
});
