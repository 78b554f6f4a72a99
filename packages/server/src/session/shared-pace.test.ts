import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { Counters } from "../room/counters.ts";
import { ReadPace } from "../room/read-pace.ts";
import { ReadTurns } from "../room/read-turns.ts";
import { PageTurns } from "./page-turns.ts";

const BURST_BYTES = 1_048_576;
/** Of 256 KiB, at 32 KiB a millisecond. */
const PAGE = { bytes: 262_144, ms: 8 };

/** Both kinds of readers at one pace, and which of their reads have begun. */
class Readers {
  readonly clock = new FakeClock();
  readonly #pace = new ReadPace(this.clock, new Counters());
  readonly #turns = new ReadTurns(this.#pace);
  readonly #pages = new PageTurns(this.#pace);
  readonly begun: string[] = [];

  async history(bytes: number): Promise<void> {
    await this.#pages.take("192.0.2.1", () => {
      this.begun.push("history");
      return Promise.resolve(bytes);
    });
  }

  async catchUp(bytes: number): Promise<void> {
    await this.#turns.take(() => {
      this.begun.push("catch-up");
      this.#turns.spent(bytes);
      return Promise.resolve();
    });
  }
}

describe("the pace that history and catch-up share", () => {
  for (const spender of ["history", "catchUp"] as const) {
    test(`[GROW-74] both wait for what ${spender === "history" ? "history" : "catch-up"} has read, and go on when its time is over`, async () => {
      for (const waiter of ["history", "catchUp"] as const) {
        const readers = new Readers();
        await readers[spender](BURST_BYTES + PAGE.bytes);
        readers.begun.length = 0;
        const waiting = readers[waiter](1);
        await new Promise((resolve) => setImmediate(resolve));
        assert.deepEqual(readers.begun, [], `${waiter} waits`);
        assert.equal(readers.clock.nextInMs, PAGE.ms);
        readers.clock.advance(PAGE.ms);
        await waiting;
        assert.equal(readers.begun.length, 1);
      }
    });
  }
});
