import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import type { Authenticate, Authorize } from "./hooks.ts";
import { askAuthenticate, askAuthorize, HOOK_DEADLINE_MS } from "./ask-hooks.ts";

const NOW = 1_763_822_400_000;
const question = { identity: "ada", action: "publish", room: "lobby", body: 1 } as const;
const tokenQuestion = { token: "t", headers: {}, address: "192.0.2.1" };

function context() {
  const errors: string[] = [];
  const clock = new FakeClock(NOW);
  const logger = { info() {}, warn() {}, error: (message: string) => void errors.push(message) };
  return { errors, clock, logger };
}

/** A hook that answers what its type forbids, as a host without types may. */
const authorizeWith =
  (answer: unknown): Authorize =>
  () =>
    answer as boolean;
const authenticateWith =
  (answer: unknown): Authenticate =>
  () =>
    answer as { identity: string };

const NONSENSE: readonly unknown[] = [
  undefined,
  null,
  0,
  1,
  "true",
  "yes",
  {},
  [],
  { ok: true },
  { code: "made-up", message: "no" },
  { code: "constructor", message: "no" },
  { code: 7 },
  { code: Symbol("x") },
  () => true,
  {
    get code(): string {
      throw new Error("trap");
    },
  },
];

describe("askAuthorize", () => {
  test("[HELLO-23] without a hook everything is allowed, and at once", () => {
    assert.equal(askAuthorize(null, question, context()), true);
  });

  test("[HELLO-23] a synchronous hook is answered without a promise and is told everything", () => {
    let seen: unknown;
    const hook: Authorize = (asked) => {
      seen = asked;
      return true;
    };
    assert.equal(askAuthorize(hook, question, context()), true);
    assert.deepEqual(seen, question);
    const refusal = { code: "forbidden", message: "Read only for you." } as const;
    assert.deepEqual(
      askAuthorize(() => refusal, question, context()),
      refusal,
    );
  });

  test("[HELLO-23] false is a refusal in words", () => {
    const answer = askAuthorize(() => false, question, context());
    assert.ok(answer !== true && !(answer instanceof Promise));
    assert.equal(answer.code, "forbidden");
    assert.notEqual(answer.message, "");
  });

  test("[HELLO-24] nonsense is never a yes, at once or by promise, and the log says what it was", async () => {
    for (const nonsense of [...NONSENSE, false]) {
      const direct = context();
      const answer = askAuthorize(authorizeWith(nonsense), question, direct);
      assert.ok(answer !== true && !(answer instanceof Promise));
      assert.equal(answer.code, nonsense === false ? "forbidden" : "internal");
      assert.equal(direct.errors.length, nonsense === false ? 0 : 1);
      const late = await askAuthorize(authorizeWith(Promise.resolve(nonsense)), question, context());
      assert.ok(late !== true);
      assert.equal(late.code, answer.code);
    }
  });

  test("[HELLO-24] a hook that throws or rejects refuses; the peer is not told its words, the log is", async () => {
    const hooks: Authorize[] = [
      () => {
        throw new Error("secret database name");
      },
      () => Promise.reject(new Error("secret database name")),
      () => {
        throw Object.create(null);
      },
    ];
    for (const hook of hooks) {
      const at = context();
      const answer = await askAuthorize(hook, question, at);
      assert.ok(answer !== true);
      assert.equal(answer.code, "internal");
      assert.doesNotMatch(answer.message, /database/);
      assert.equal(at.errors.length, 1);
    }
  });

  test("[HELLO-24] a hook that hangs refuses after 10 s, and its late yes changes nothing", async () => {
    const at = context();
    const late = Promise.withResolvers<boolean>();
    const answer = askAuthorize(() => late.promise, question, at);
    at.clock.advance(HOOK_DEADLINE_MS - 1);
    assert.equal(at.errors.length, 0);
    at.clock.advance(1);
    late.resolve(true);
    const settled = await answer;
    assert.ok(settled !== true);
    assert.equal(settled.code, "internal");
    assert.match(at.errors[0] ?? "", /10 s/);
  });

  test("a hook that answers in time leaves no timer behind", async () => {
    const at = context();
    assert.equal(await askAuthorize(() => Promise.resolve(true), question, at), true);
    assert.equal(at.clock.pendingCount, 0);
  });

  test("[REFUSE-20] a refusal keeps its code, sentence and time to wait, and nothing else", () => {
    const hook = authorizeWith({
      code: "rate-limited",
      message: "x".repeat(900),
      retryAfterMs: 12.5,
      extra: 1,
    });
    assert.deepEqual(askAuthorize(hook, question, context()), {
      code: "rate-limited",
      message: "x".repeat(500),
      retryAfterMs: 13,
    });
  });

  test("[REFUSE-20] a refusal without a sentence gets the one of its code", () => {
    const answer = askAuthorize(authorizeWith({ code: "forbidden" }), question, context());
    assert.ok(answer !== true && !(answer instanceof Promise));
    assert.match(answer.message, /may not/);
  });
});

describe("askAuthenticate", () => {
  test("[HELLO-23] gives the identity and when it ends", async () => {
    const plain = askAuthenticate(() => ({ identity: "ada" }), tokenQuestion, context());
    assert.deepEqual(plain, { identity: "ada" });
    const until = { identity: "ada", expiresAt: NOW + 1 };
    assert.deepEqual(await askAuthenticate(() => Promise.resolve(until), tokenQuestion, context()), until);
  });

  test("[HELLO-24] nonsense lets nobody in", () => {
    const identities = [7, "", "@server", "a\u0000", "x".repeat(129)].map((identity) => ({ identity }));
    for (const nonsense of [...NONSENSE, true, false, "ada", ...identities]) {
      const at = context();
      const answer = askAuthenticate(authenticateWith(nonsense), tokenQuestion, at);
      assert.ok("code" in answer);
      assert.equal(answer.code, "internal");
      assert.equal(at.errors.length, 1);
    }
  });

  test("[HELLO-25] a token whose time is over is `expired`", () => {
    const answer = askAuthenticate(() => ({ identity: "ada", expiresAt: NOW }), tokenQuestion, context());
    assert.ok("code" in answer);
    assert.equal(answer.code, "expired");
  });

  test("[HELLO-25] an end in seconds or of another type is a fault of the host, not an end", () => {
    for (const expiresAt of [NOW / 1000, "tomorrow", Number.NaN, new Date(NOW)]) {
      const at = context();
      const answer = askAuthenticate(authenticateWith({ identity: "ada", expiresAt }), tokenQuestion, at);
      assert.ok("code" in answer);
      assert.equal(answer.code, "internal");
      assert.match(at.errors[0] ?? "", /expiresAt/);
    }
  });
});
