import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ConnectionState } from "@parlor/client";
import { connectionSign, QUIET_MS, type ConnectionFacts } from "./connection-sign.ts";

const waiting: ConnectionState = { kind: "waiting", attempt: 1, retryInMs: 500, reason: "lost" };

function sign(facts: Partial<ConnectionFacts>): string {
  return connectionSign({ state: waiting, downForMs: 0, wasOpen: true, isOnLine: true, ...facts }).kind;
}

describe("connectionSign", () => {
  test("[PAGE-8] a loss of under two seconds is not shown", () => {
    assert.equal(sign({ downForMs: QUIET_MS - 1 }), "live");
    assert.equal(sign({ downForMs: QUIET_MS - 1, isOnLine: false }), "live");
  });

  test("[PAGE-8] a longer one is, and says whether the network is gone", () => {
    assert.equal(sign({ downForMs: QUIET_MS }), "reconnecting");
    assert.equal(sign({ downForMs: QUIET_MS, isOnLine: false }), "offline");
    assert.equal(sign({ downForMs: QUIET_MS, state: { kind: "connecting", attempt: 3 } }), "reconnecting");
  });

  test("[PAGE-8] a page that just opened is connecting", () => {
    assert.equal(sign({ wasOpen: false, state: { kind: "connecting", attempt: 1 } }), "connecting");
  });

  test("[PAGE-8] an open connection needs no words", () => {
    const state: ConnectionState = { kind: "open", identity: "x", transport: "websocket" };
    assert.equal(sign({ state, downForMs: Number.NaN }), "live");
  });

  test("[PAGE-8] one that will not come back says why, in a sentence", () => {
    for (const code of ["version", "forbidden", "expired", "unauthenticated", "closed"]) {
      const closed = connectionSign({
        state: { kind: "closed", code, message: "" },
        downForMs: 0,
        wasOpen: true,
        isOnLine: true,
      });
      assert.match(closed.kind === "closed" ? closed.sentence : "", /^[A-Z].*\.$/);
    }
  });
});
