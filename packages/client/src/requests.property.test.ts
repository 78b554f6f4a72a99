import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { SetUp } from "../test/set-up.ts";
import "./requests.ts";

/** What happens next; a number picks among those that are there. */
type Act =
  | { readonly kind: "ask"; readonly timeoutMs: number }
  | { readonly kind: "abort" | "reply" | "refuse" | "repeat"; readonly pick: number }
  | { readonly kind: "cut" | "bye" | "pass" };

const pick = fc.nat();
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("ask"), timeoutMs: fc.constantFrom(50, 100_000) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom("reply", "refuse"), pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("abort", "repeat"), pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("cut", "bye", "pass") }) },
);

/** Lets what was asked reach the core, which stands behind a few promises. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** A client, a far end that answers as it likes, and the books of both. */
class Run {
  readonly setUp = new SetUp();
  /** By the number of the request: how often it was sent, and how it ended. */
  readonly sent = new Map<number, number>();
  readonly outcomes = new Map<number, unknown>();
  readonly #aborts: AbortController[] = [];
  /** Of the present connection. */
  #unanswered: { id: number; n: number }[] = [];
  #answered: number[] = [];

  constructor() {
    this.setUp.client.reconnect();
    this.setUp.welcome();
  }

  get asked(): number {
    return this.#aborts.length;
  }

  async do(act: Act): Promise<void> {
    switch (act.kind) {
      case "ask":
        this.#ask(act.timeoutMs);
        break;
      case "abort":
        this.#aborts[act.pick % Math.max(1, this.#aborts.length)]?.abort(new Error("aborted"));
        break;
      case "reply":
      case "refuse":
        this.#answer(act.pick, act.kind === "reply");
        break;
      case "repeat": {
        const id = this.#answered[act.pick % Math.max(1, this.#answered.length)];
        if (id !== undefined) this.setUp.far.say({ type: "reply", id, result: "another's" });
        break;
      }
      case "cut":
        this.#cut();
        break;
      case "bye":
        this.setUp.far.say({ type: "bye", code: "draining", retryAfterMs: 1 });
        break;
      case "pass":
        this.setUp.clock.advance(50);
    }
    await settled();
    this.#read();
  }

  #ask(timeoutMs: number): void {
    const n = this.#aborts.length;
    const controller = new AbortController();
    this.#aborts.push(controller);
    const { signal } = controller;
    const outcome = (value: unknown): void => {
      assert.ok(!this.outcomes.has(n), `request ${n} settles once`);
      this.outcomes.set(n, value);
    };
    this.setUp.client.request("count", n, { timeoutMs, signal }).then(outcome, (reason: unknown) => {
      outcome(signal.aborted && reason === signal.reason ? "aborted" : (reason as { code: unknown }).code);
    });
  }

  #answer(at: number, isResult: boolean): void {
    const [one] = this.#unanswered.splice(at % Math.max(1, this.#unanswered.length), 1);
    if (one === undefined) return;
    const { id, n } = one;
    this.#answered.push(id);
    const answer = isResult ? { result: { n } } : { error: { code: `refused-${n}`, message: "No." } };
    this.setUp.far.say({ type: "reply", id, ...answer });
  }

  #cut(): void {
    this.setUp.far.close();
    this.#unanswered = [];
    this.#answered = [];
    this.setUp.comeBack();
    this.setUp.welcome();
  }

  #read(): void {
    for (const { type, id, params } of this.setUp.far.take()) {
      if (type !== "request") continue;
      const n = params as number;
      this.sent.set(n, (this.sent.get(n) ?? 0) + 1);
      this.#unanswered.push({ id: id as number, n });
      // An id that is used anew is not one whose answer may be repeated.
      this.#answered = this.#answered.filter((used) => used !== id);
    }
  }
}

describe("requests of a client", () => {
  test("[REQUEST-14] whatever order of asking, answering, giving up, repeating and cutting: each is sent at most once and settles once, with its own answer or a reason that is true", async () => {
    let answers = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 20, maxLength: 80, size: "max" }), async (acts) => {
        const run = new Run();
        for (const next of acts) await run.do(next);
        run.setUp.client.close();
        await settled();
        assert.equal(run.outcomes.size, run.asked);
        for (const [n, times] of run.sent) assert.equal(times, 1, `request ${n} is sent once`);
        for (const [n, outcome] of run.outcomes) {
          if (typeof outcome === "object") {
            answers += 1;
            assert.deepEqual(outcome, { n });
          } else if (outcome === "outcome-unknown" || outcome === `refused-${n}`) {
            assert.ok(run.sent.has(n), `${outcome} of request ${n}, which was sent`);
          } else if (outcome === "closed") {
            assert.ok(!run.sent.has(n), `request ${n} was never sent`);
          } else assert.ok(outcome === "aborted" || outcome === "deadline", `request ${n} has a reason`);
        }
      }),
      { numRuns: 200 },
    );
    assert.ok(answers > 300, `${answers} requests were answered`);
  });
});
