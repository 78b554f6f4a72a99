import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  freshIdentity,
  identityFault,
  identityFromIdempotencyKey,
  identityFromKey,
  producerFromIdempotencyKey,
  SERVER_IDENTITY,
} from "./identity.ts";
import { isProducer } from "@parlor/protocol";

describe("identityFromKey", () => {
  test("[HELLO-20] an identity is the SHA-256 of the key's UTF-8 bytes in base64url, cut to 22 characters", () => {
    // Vectors worked out with another tool: printf KEY | openssl dgst -sha256 -binary | basenc --base64url
    assert.equal(identityFromKey("0123456789abcdefghijkl"), "JllLosc-vBcgR_IwVmO8LF");
    assert.equal(identityFromKey("schlüssel-schlüssel-schlüssel"), "fIQcqpsonE_90TejOQl17q");
  });

  test("[HELLO-20] the same key is the same identity, another key another one", () => {
    assert.equal(identityFromKey("k".repeat(22)), identityFromKey("k".repeat(22)));
    assert.notEqual(identityFromKey("k".repeat(22)), identityFromKey("k".repeat(23)));
  });
});

describe("freshIdentity", () => {
  test("[HELLO-21] a fresh identity has the shape of a derived one and never comes twice", () => {
    const identities = new Set(Array.from({ length: 1000 }, freshIdentity));
    assert.equal(identities.size, 1000);
    for (const identity of identities) assert.match(identity, /^[A-Za-z0-9_-]{22}$/);
  });
});

describe("idempotency keys", () => {
  test("[REST-20] one string is always the same sender and the same producer", () => {
    assert.equal(identityFromIdempotencyKey("order-17"), identityFromIdempotencyKey("order-17"));
    assert.equal(producerFromIdempotencyKey("order-17"), producerFromIdempotencyKey("order-17"));
    assert.notEqual(identityFromIdempotencyKey("order-17"), identityFromIdempotencyKey("order-18"));
  });

  test("[REST-20] the producer is a valid one and shows nothing of the string", () => {
    const producer = producerFromIdempotencyKey("order-17");
    assert.ok(isProducer(producer));
    assert.ok(!producer.includes("order"));
  });

  test("[REST-21] a key sent as an idempotency key does not reach the key's identity", () => {
    const key = "0123456789abcdefghijkl";
    assert.notEqual(identityFromIdempotencyKey(key), identityFromKey(key));
    assert.notEqual(producerFromIdempotencyKey(key), identityFromIdempotencyKey(key));
    assert.notEqual(producerFromIdempotencyKey(key), identityFromKey(key));
  });
});

describe("identityFault", () => {
  test("[HELLO-22] what a host calls its people is taken, up to 128 bytes", () => {
    for (const identity of [
      "a",
      "ada@example.org",
      "用户-7",
      "x".repeat(128),
      identityFromKey("k".repeat(22)),
    ]) {
      assert.equal(identityFault(identity), null);
    }
  });

  test("[HELLO-22] an identity that can't be one is told why", () => {
    assert.match(identityFault(7) ?? "", /string/);
    assert.match(identityFault(undefined) ?? "", /string/);
    assert.match(identityFault("") ?? "", /empty/);
    assert.match(identityFault("x".repeat(129)) ?? "", /128 bytes/);
    assert.match(identityFault("é".repeat(65)) ?? "", /128 bytes/);
    assert.match(identityFault("a\nb") ?? "", /control/);
    assert.match(identityFault("a\u0085b") ?? "", /control/);
    assert.match(identityFault("\ud800") ?? "", /well-formed/);
  });

  test("[HELLO-22] nobody can be the server", () => {
    assert.match(identityFault(SERVER_IDENTITY) ?? "", /server/);
    assert.match(identityFault("@ada") ?? "", /"@"/);
  });
});
