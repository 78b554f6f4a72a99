import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BucketMap } from "./bucket-map.ts";
import { Rates } from "./rates.ts";

/** Publishes until it is refused; how many were taken. */
function takeAll(take: () => number, most = 100_000): number {
  for (let taken = 0; taken < most; taken++) if (take() > 0) return taken;
  return most;
}

describe("publish rate", () => {
  test("[GROW-1] an identity has a burst of 5 s of its rate, then the rate", () => {
    const rates = new Rates({ publishPerSecond: 20 });
    assert.equal(
      takeAll(() => rates.takePublish("ada", "192.0.2.1", 0)),
      100,
    );
    assert.equal(
      takeAll(() => rates.takePublish("ada", "192.0.2.1", 1_000)),
      20,
    );
    assert.equal(
      takeAll(() => rates.takePublish("ada", "192.0.2.1", 100_000)),
      100,
    );
  });

  test("[GROW-1] a refusal says when, and then it is true", () => {
    const rates = new Rates({ publishPerSecond: 20 });
    takeAll(() => rates.takePublish("ada", "192.0.2.1", 0));
    const waitMs = rates.takePublish("ada", "192.0.2.1", 0);
    assert.equal(waitMs, 51);
    assert.ok(rates.takePublish("ada", "192.0.2.1", waitMs - 2) > 0);
    assert.equal(rates.takePublish("ada", "192.0.2.1", waitMs), 0);
  });

  test("[GROW-1] a refusal costs neither the identity nor the address anything", () => {
    const rates = new Rates({ publishPerSecond: 20 });
    takeAll(() => rates.takePublish("ada", "192.0.2.1", 0));
    for (let i = 0; i < 1_000; i++) rates.takePublish("ada", "192.0.2.1", 0);
    assert.equal(
      takeAll(() => rates.takePublish("bob", "192.0.2.1", 0)),
      100,
    );
  });

  test("[GROW-2] one address has five times as much, however many identities it makes", () => {
    const rates = new Rates({ publishPerSecond: 20 });
    let made = 0;
    assert.equal(
      takeAll(() => rates.takePublish(`made-${made++}`, "192.0.2.1", 0)),
      500,
    );
    assert.equal(rates.takePublish("somebody-else", "192.0.2.2", 0), 0);
  });

  test("[GROW-6] the addresses of one IPv6 /64 share one rate", () => {
    const rates = new Rates({ publishPerSecond: 20 });
    let made = 0;
    const take = (): number => rates.takePublish(`made-${made}`, `2001:db8::${(made++).toString(16)}`, 0);
    assert.equal(takeAll(take), 500);
  });

  test("[GROW-1] a publish that is given back costs nothing", () => {
    const rates = new Rates({ publishPerSecond: 20 });
    for (let i = 0; i < 1_000; i++) {
      assert.equal(rates.takePublish("ada", "2001:db8::1", 0), 0);
      rates.refundPublish("ada", "2001:db8::1");
    }
    assert.equal(
      takeAll(() => rates.takePublish("ada", "2001:db8::1", 0)),
      100,
    );
  });

  test("[GROW-4] Infinity turns off this rate and that of new producers, and holds nothing", () => {
    const rates = new Rates({ publishPerSecond: Infinity });
    assert.equal(
      takeAll(() => rates.takePublish("ada", "192.0.2.1", 0), 10_000),
      10_000,
    );
    assert.equal(
      takeAll(() => rates.takeProducer("ada", "192.0.2.1", 0), 10_000),
      10_000,
    );
    rates.refundPublish("ada", "192.0.2.1");
    rates.refundProducer("ada", "192.0.2.1");
    assert.equal(rates.size, 0);
  });
});

describe("rate of new producers", () => {
  test("[GROW-3] an identity makes 60 at once, then 2 a second", () => {
    const rates = new Rates({ publishPerSecond: 20 });
    assert.equal(
      takeAll(() => rates.takeProducer("ada", "192.0.2.1", 0)),
      60,
    );
    assert.equal(rates.takeProducer("ada", "192.0.2.1", 0), 501);
    assert.equal(
      takeAll(() => rates.takeProducer("ada", "192.0.2.1", 1_000)),
      2,
    );
  });

  test("[GROW-3] an address makes 600 at once, then 20 a second", () => {
    const rates = new Rates({ publishPerSecond: 20 });
    let made = 0;
    assert.equal(
      takeAll(() => rates.takeProducer(`made-${made++}`, "192.0.2.1", 0)),
      600,
    );
    assert.equal(
      takeAll(() => rates.takeProducer(`made-${made++}`, "192.0.2.1", 1_000)),
      20,
    );
  });

  test("[GROW-3] a producer that turned out to be known is given back", () => {
    const rates = new Rates({ publishPerSecond: 20 });
    for (let i = 0; i < 1_000; i++) {
      assert.equal(rates.takeProducer("ada", "192.0.2.1", 0), 0);
      rates.refundProducer("ada", "192.0.2.1");
    }
  });
});

describe("memory of rates", () => {
  test("[GROW-5] a stranger who makes identities and addresses without end does not make it grow", () => {
    const rates = new Rates({ publishPerSecond: 20, maxBuckets: 100 });
    for (let i = 0; i < 10_000; i++) {
      rates.takePublish(`made-${i}`, `192.0.${i >> 8}.${i & 255}`, 0);
      rates.takeProducer(`made-${i}`, `192.0.${i >> 8}.${i & 255}`, 0);
      assert.ok(rates.size <= 400);
    }
  });

  test("[GROW-5] who used it up and then stayed away is forgotten once others come", () => {
    const buckets = new BucketMap(1, 5, 1_000);
    for (let i = 0; i < 500; i++) buckets.take(`early-${i}`, 0);
    for (let i = 0; i < 200; i++) buckets.take(`late-${i}`, 60_000);
    assert.ok(buckets.size <= 200, `${buckets.size} buckets`);
  });

  test("[GROW-5] a bucket in use is kept while full ones can go in its place", () => {
    const buckets = new BucketMap(1, 5, 10);
    for (let i = 0; i < 5; i++) buckets.take("busy", 10_000);
    for (let i = 0; i < 1_000; i++) {
      buckets.take(`passing-${i}`, 10_000 + i * 100);
      buckets.take("busy", 10_000 + i * 100);
    }
    assert.equal(buckets.take("busy", 10_000 + 999 * 100), false);
    assert.ok(buckets.size <= 10);
  });
});
