import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { describe, test } from "node:test";
import { isLocalVisit, isOperator } from "./operator.ts";

function visit(remoteAddress: string | undefined, headers: IncomingMessage["headers"]): boolean {
  return isLocalVisit({ socket: { remoteAddress }, headers } as IncomingMessage);
}

describe("isLocalVisit", () => {
  test("a loopback peer that asks for this machine is local", () => {
    for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
      for (const host of ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"])
        assert.ok(visit(address, { host }));
    }
  });

  test("[ORIGIN-2] a name that was pointed here, a proxy, or a peer from elsewhere is not", () => {
    assert.ok(!visit("127.0.0.1", { host: "evil.example:8080" }));
    assert.ok(!visit("127.0.0.1", {}));
    assert.ok(!visit("127.0.0.1", { host: "localhost", "x-forwarded-for": "203.0.113.9" }));
    assert.ok(!visit("192.168.1.7", { host: "localhost" }));
    assert.ok(!visit(undefined, { host: "localhost" }));
  });
});

describe("isOperator", () => {
  const asks = (authorization: string | undefined, key: string | null): boolean =>
    isOperator({ headers: authorization === undefined ? {} : { authorization } }, key);

  test("is who sends the whole key as a bearer token", () => {
    assert.ok(asks("Bearer s3cret", "s3cret"));
    assert.ok(asks("bearer  s3cret ", "s3cret"));
  });

  test("is nobody else, and nobody at all where there is no key", () => {
    for (const header of [
      undefined,
      "",
      "s3cret",
      "Basic s3cret",
      "Bearer",
      "Bearer s3cre",
      "Bearer s3cret x",
    ]) {
      assert.ok(!asks(header, "s3cret"), String(header));
    }
    assert.ok(!asks("Bearer null", null));
  });
});
