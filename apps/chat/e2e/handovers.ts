import assert from "node:assert/strict";
import {
  checkHistory,
  randomInteger,
  randomItem,
  recordLog,
  seededRandom,
  testSeed,
  until,
} from "@parlor/testkit";
import { HandoverStage, type Tab } from "./handover-stage.ts";

const PATIENCE_MS = 60_000;
const ENDS = ["closed", "crashed", "frozen"] as const;

export interface HandoverRun {
  readonly tabs: number;
  readonly handovers: number;
  /** Whether a shared worker holds the connection; else one of the tabs does. */
  readonly worker: boolean;
}

/**
 * The tabs of a Chromium, of which the one that holds the connection is closed, crashes and is frozen in turn, while
 * all of them read and write; where a shared worker holds it, that is ended, and then a tab. At the end the history
 * is judged, and what the server counted.
 */
export async function runHandovers({ tabs: count, handovers, worker }: HandoverRun): Promise<string> {
  const seed = testSeed();
  const random = seededRandom(seed);
  await using stage = await HandoverStage.set(worker);
  const { counted } = stage;
  const said: string[] = [];

  /** Recorded when it fulfils, whatever becomes of the tab then. */
  const say = async ({ tab, name }: Tab): Promise<void> => {
    const text = `${said.length + 1} of ${name}`;
    said.push(text);
    await tab.evaluate(`void person.publish(${JSON.stringify(text)})`);
  };
  const bring = async (living: readonly Tab[]): Promise<void> => {
    // What a tab left that is gone another sends by and by.
    const isStored = await until(async () => (await stage.head()) >= said.length, PATIENCE_MS);
    assert.ok(isStored, `${said.length} messages, of which ${await stage.head()} are stored; seed ${seed}`);
    for (const { tab } of living) await tab.sees(`person.offset >= ${said.length}`);
  };
  const isOne = async (when: string): Promise<void> => {
    const isSo = await until(() => counted.now === 1, PATIENCE_MS);
    assert.ok(isSo, `one connection ${when}, not ${counted.now}; seed ${seed}`);
  };

  // All at once, as a browser that is started again opens them.
  const openAll = async (): Promise<Tab[]> => {
    const tabs = await Promise.all(Array.from({ length: count }, () => stage.open()));
    await Promise.all(tabs.map(({ tab }) => tab.sees("person.subscribedCount > 0")));
    return tabs;
  };
  // That of the first for a moment, and the one that all share.
  const isShared = (): Promise<boolean> =>
    until(() => counted.total >= 2 && counted.most === 2 && counted.now === 1, PATIENCE_MS);
  let living = await openAll();
  for (let tries = 1; !(await isShared()); tries++) {
    // On a machine that is too busy a tab gives the others up, and keeps a connection of its own: they begin again.
    assert.ok(
      tries < 3,
      `of ${counted.total} connections ${counted.most} at once, ${counted.now} in the end`,
    );
    for (const each of living) {
      stage.drop(each);
      await each.tab.close();
    }
    assert.ok(await until(() => counted.now === 0, PATIENCE_MS), `${counted.now} connections of no tab`);
    counted.most = counted.total = 0;
    living = await openAll();
  }
  counted.most = 1;
  for (const tab of living) await say(tab);
  await bring(living);
  assert.equal(counted.most, 1, `${count} tabs are one connection`);

  for (let done = 0; done < handovers; done++) {
    const end = ENDS[done % ENDS.length];
    const first = worker ? randomItem(random, living) : await stage.holder(living);
    assert.ok(first !== undefined, `no tab holds the connection before handover ${done + 1}; seed ${seed}`);
    const others = living.filter((tab) => tab !== first);
    for (let n = randomInteger(random, 1, 3); n > 0; n--) await say(randomItem(random, living));
    await say(first);
    // A tab that is frozen sends nothing, so it has nothing then; what others leave on disk outlives them.
    if (end === "frozen") await bring(living);
    else await first.tab.evaluate("kept()");
    if (worker) await stage.endWorker();
    if (end === "frozen") {
      await randomItem(random, others).tab.show();
      await first.tab.sees("document.hidden");
      await first.tab.freeze();
    } else {
      stage.drop(first);
      if (end === "closed") await first.tab.close();
      else first.tab.crash();
    }
    await say(randomItem(random, others));
    if (end !== "frozen") others.push(await stage.open());
    await bring(others);
    if (end === "frozen") {
      await first.tab.thaw();
      others.push(first);
      await bring(others);
    }
    living = others;
    await isOne(`after handover ${done + 1}`);
    if ((done + 1) % 10 === 0)
      console.log(
        `progress: ${done + 1} of ${handovers} handovers, ${said.length} messages, most ${counted.most}`,
      );
  }

  await recordLog(stage.recorder, stage.url, "lobby");
  assert.deepEqual(checkHistory(stage.recorder.events, { settled: true }), [], `seed ${seed}`);
  const log = stage.recorder.events.at(-1);
  assert.ok(log?.kind === "log");
  const stored = log.entries.map(({ body }) => JSON.parse(body ?? "null") as string);
  assert.deepEqual(
    [...stored].sort(),
    [...said].sort(),
    "all that was said is stored once, whatever became of its tab",
  );
  assert.deepEqual(stage.faults, []);
  assert.ok(counted.total > handovers / 2, `${counted.total} connections, one after the other`);
  return `${said.length} messages, ${counted.total} connections one after the other, at most ${counted.most} at once; seed ${seed}`;
}
