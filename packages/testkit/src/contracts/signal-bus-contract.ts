import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { SignalBus } from "@parlor/log";
import { until } from "../patience.ts";

/** How long something that has to come may take on a busy machine. */
const PATIENCE_MS = 10_000;

/** Several ends of one bus: each is what one process has, or all are the same where there is but one process. */
export interface SignalBusContract {
  /** As it stands in the names of the tests. */
  readonly name: string;
  /** As many ends as asked for; `dispose` closes them and what is between them. */
  readonly create: (
    ends: number,
  ) => Promise<{ readonly ends: readonly SignalBus[]; dispose: () => Promise<void> }>;
}

/** Every sentence of the port `SignalBus`, as tests. */
export function describeSignalBusContract({ name, create }: SignalBusContract): void {
  const open = async (t: TestContext, count: number): Promise<readonly SignalBus[]> => {
    const { ends, dispose } = await create(count);
    t.after(dispose);
    return ends;
  };

  describe(name, () => {
    test("[BUS-1] who listens hears what its own process sends before the call returns, and what others send once listening is confirmed", async (t) => {
      const [near, far] = (await open(t, 2)) as [SignalBus, SignalBus];
      const heard: string[] = [];
      const listening = near.listen("signals/lobby", (text) => heard.push(text));
      near.send("signals/lobby", "own");
      assert.deepEqual(heard, ["own"]);
      await listening;
      far.send("signals/lobby", "other");
      assert.ok(await until(() => heard.length === 2, PATIENCE_MS));
      assert.deepEqual(heard, ["own", "other"]);
    });

    test("[BUS-2] everybody who listens hears a text once, in every process, and other channels hear nothing", async (t) => {
      const ends = await open(t, 3);
      const heard: string[] = [];
      for (const [index, end] of ends.entries()) {
        await end.listen("signals/a", (text) => heard.push(`${index} first ${text}`));
        await end.listen("signals/a", (text) => heard.push(`${index} second ${text}`));
        await end.listen("signals/b", (text) => heard.push(`${index} b ${text}`));
      }
      ends[1]?.send("signals/a", "hello");
      ends[1]?.send("signals/b", "end");
      const perChannel = (channel: RegExp): number => heard.filter((line) => channel.test(line)).length;
      assert.ok(await until(() => perChannel(/ b end$/) >= 3, PATIENCE_MS));
      const distinctEnds = new Set(ends).size;
      assert.deepEqual(
        new Set(heard),
        new Set([0, 1, 2].flatMap((end) => [`${end} first hello`, `${end} second hello`, `${end} b end`])),
      );
      assert.equal(heard.length, 9, `each once, over ${distinctEnds} ends`);
    });

    test("[BUS-3] what one process sends on one channel arrives in its order, whatever the texts hold", async (t) => {
      const [near, far] = (await open(t, 2)) as [SignalBus, SignalBus];
      const texts = Array.from({ length: 500 }, (_, index) => `${index} ä\u0000\n"🎈" ${"x".repeat(index)}`);
      const heard: string[] = [];
      await far.listen("signals/ö/🎈", (text) => heard.push(text));
      for (const text of texts) near.send("signals/ö/🎈", text);
      assert.ok(await until(() => heard.length === texts.length, PATIENCE_MS));
      assert.deepEqual(heard, texts);
    });

    test("[BUS-4] who closed hears nothing from the call on, and the others go on", async (t) => {
      const [near, far] = (await open(t, 2)) as [SignalBus, SignalBus];
      const left: string[] = [];
      const stays: string[] = [];
      const listening = await far.listen("signals/lobby", (text) => left.push(text));
      await far.listen("signals/lobby", (text) => stays.push(text));
      listening.close();
      listening.close();
      near.send("signals/lobby", "one");
      assert.ok(await until(() => stays.length === 1, PATIENCE_MS));
      assert.deepEqual(left, []);
    });

    test("[BUS-4] who listens anew after the last one left hears again, and nothing of what was sent between", async (t) => {
      const [near, far] = (await open(t, 2)) as [SignalBus, SignalBus];
      (await far.listen("signals/lobby", () => undefined)).close();
      near.send("signals/lobby", "to nobody");
      const heard: string[] = [];
      await far.listen("signals/lobby", (text) => heard.push(text));
      near.send("signals/lobby", "to somebody");
      assert.ok(await until(() => heard.includes("to somebody"), PATIENCE_MS));
      // Between ends of several processes the first may still be on its way when the newcomer is there; it
      // was sent first, so it would be first.
      assert.ok(heard.length === 1 || heard[0] === "to nobody");
    });

    test("[BUS-5] a bus that is closed tells and hears nothing, and takes every call", async (t) => {
      const [near, far] = (await open(t, 2)) as [SignalBus, SignalBus];
      const heard: string[] = [];
      await near.listen("signals/lobby", (text) => heard.push(text));
      await near.close();
      await near.close();
      near.send("signals/lobby", "own");
      far.send("signals/lobby", "other");
      (await near.listen("signals/lobby", (text) => heard.push(text))).close();
      assert.deepEqual(heard, []);
    });
  });
}
