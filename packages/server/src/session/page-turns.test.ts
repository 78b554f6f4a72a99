import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { Counters } from "../room/counters.ts";
import { ReadPace } from "../room/read-pace.ts";
import { PageTurns } from "./page-turns.ts";

/** Pages that are made when told, and who they are made for in the order of their beginnings. */
class Desk {
  readonly turns = new PageTurns(new ReadPace(new FakeClock(), new Counters()));
  readonly begun: string[] = [];
  readonly taken: Promise<unknown>[] = [];
  readonly #running: (() => void)[] = [];

  ask(address: string, times = 1): void {
    for (let i = 0; i < times; i++) {
      const made = this.turns.take(address, () => {
        this.begun.push(address);
        return new Promise<number>((resolve) => this.#running.push(() => resolve(10)));
      });
      this.taken.push(made);
    }
  }

  /** The page that was begun first is there; fulfils when the next one has begun. */
  async finish(): Promise<void> {
    this.#running.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("the turns of history pages", () => {
  test("[GROW-67] pages are made one at a time, and addresses take turns, however many one of them asks for", async () => {
    const desk = new Desk();
    desk.ask("192.0.2.1", 6);
    await desk.finish();
    desk.ask("192.0.2.2", 2);
    desk.ask("2001:db8::1");
    desk.ask("2001:db8::2");
    const before = desk.begun.length;
    for (let i = 0; i < 4; i++) await desk.finish();
    assert.deepEqual(desk.begun.slice(before), ["192.0.2.1", "192.0.2.2", "2001:db8::1", "192.0.2.1"]);
    for (let i = 0; i < 6; i++) await desk.finish();
    await Promise.all(desk.taken);
    assert.equal(desk.begun.length, 10);
  });

  test("[GROW-67] a page that fails gives its turn back", async () => {
    const turns = new PageTurns(new ReadPace(new FakeClock(), new Counters()));
    const failing = Array.from({ length: 5 }, () =>
      turns.take("192.0.2.1", () => Promise.reject(new Error("no"))),
    );
    assert.deepEqual(
      (await Promise.allSettled(failing)).map(({ status }) => status),
      Array(5).fill("rejected"),
    );
    await turns.take("192.0.2.1", async () => 10);
  });
});
