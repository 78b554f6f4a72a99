import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { corsHeaders, preflightHeaders } from "./cors.ts";

const LISTED = "https://good.example";

describe("CORS", () => {
  test("[ORIGIN-8] a listed origin may read answers; no wildcard, no credentials", () => {
    const headers = corsHeaders(LISTED, [LISTED]);
    assert.equal(headers["access-control-allow-origin"], LISTED);
    assert.equal(headers["access-control-allow-credentials"], undefined);
  });

  test("[ORIGIN-8] nobody else is told anything, and every answer says that it depends on Origin", () => {
    for (const origin of [undefined, "https://evil.example", "null", "http://localhost:8080"]) {
      assert.deepEqual(corsHeaders(origin, [LISTED]), { vary: "Origin" });
    }
  });

  test("[ORIGIN-8] a preflight names the methods and headers that the addresses take", () => {
    const headers = preflightHeaders(LISTED, [LISTED], false);
    assert.equal(headers["access-control-allow-methods"], "GET, HEAD, POST, PATCH, DELETE, OPTIONS");
    const names = headers["access-control-allow-headers"]?.split(", ");
    assert.deepEqual(names?.sort(), [
      "authorization",
      "content-type",
      "idempotency-key",
      "last-event-id",
      "parlor-producer",
      "parlor-seq",
      "upload-offset",
    ]);
    assert.equal(headers["access-control-max-age"], "600");
    assert.equal(headers["access-control-allow-private-network"], undefined);
    assert.equal(preflightHeaders(LISTED, [LISTED], true)["access-control-allow-private-network"], "true");
  });

  test("[ORIGIN-8] OPTIONS of anybody else names the methods and allows nothing", () => {
    assert.deepEqual(preflightHeaders("http://localhost:8080", [LISTED], true), {
      vary: "Origin",
      allow: "GET, HEAD, POST, PATCH, DELETE, OPTIONS",
    });
  });
});
