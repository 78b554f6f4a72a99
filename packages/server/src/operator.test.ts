import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { describe, test } from "node:test";
import { bearerToken, isLocalVisit } from "./operator.ts";

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

describe("bearerToken", () => {
  test("is the whole of what stands behind `Bearer`, and nothing else", () => {
    const read = (authorization: string | undefined): string | null =>
      bearerToken({ headers: authorization === undefined ? {} : { authorization } });
    assert.equal(read("Bearer s3cret"), "s3cret");
    assert.equal(read("bearer  s3cret "), "s3cret");
    for (const header of [undefined, "", "s3cret", "Basic s3cret", "Bearer", "Bearer s3cret x"]) {
      assert.equal(read(header), null, String(header));
    }
  });
});
