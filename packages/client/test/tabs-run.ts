import assert from "node:assert/strict";
import { systemClock, systemRandom, type Clock } from "@parlor/base";
import type { TestContext } from "node:test";
import {
  checkHistory,
  HistoryRecorder,
  recordLog,
  RoomRecorder,
  seededRandom,
  randomInteger,
  randomItem,
  testSeed,
  until,
} from "@parlor/testkit";
import { ParlorClient, preload } from "../src/index.ts";
import { chosenLink } from "../src/options.ts";
import { TabsLink } from "../src/tabs/tabs-link.ts";
import { CountedConnections } from "./counted-connections.ts";
import { FakeBrowser, type BrowserParts, type FakeTab } from "./fake-browser.ts";
import { RealServer } from "./real-server.ts";

const PATIENCE_MS = 20_000;

export const KEY = "k".repeat(43);

export interface TabsRun extends BrowserParts {
  readonly tabs: number;
  readonly handovers: number;
}

/**
 * Both ends are in this one process, and where the machine let it wait, timers would run before what came meanwhile is
 * read: these let it be read first, as that of two processes would be.
 */
const FAIR_CLOCK: Clock = {
  ...systemClock,
  after: (ms, task) => systemClock.after(ms, () => void turns(20).then(task)),
};

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

interface Member {
  readonly tab: FakeTab;
  readonly client: ParlorClient;
  readonly person: RoomRecorder;
}

/** Which of the tabs holds the connection is found out by what the others lose, so any of them may. */
export async function runTabs(t: TestContext, run: TabsRun): Promise<void> {
  await preload();
  const seed = testSeed();
  const random = seededRandom(seed);
  t.diagnostic(`seed ${seed}`);
  const counted = new CountedConnections();
  const server = await new RealServer(t).start({ heartbeatMs: 400, events: true, logger: counted.logger });
  const recorder = new HistoryRecorder();
  const browser = new FakeBrowser(run);
  const published: Promise<void>[] = [];
  let named = 0;
  let said = 0;

  const open = (): Member => {
    const tab = browser.tab();
    const { platform } = tab;
    const own = chosenLink(server.url, { transports: ["websocket"] });
    const worker = run.workers ? "worker.js" : undefined;
    const time = { clock: FAIR_CLOCK, random: systemRandom };
    const transport = new TabsLink({
      base: server.url,
      own,
      name: "tabs",
      worker,
      platform,
      ...time,
      id: `tab-${named}`,
      Client: ParlorClient,
    });
    const client = new ParlorClient(server.url, { key: KEY, transport, random: () => 0.1 });
    t.after(() => client.close());
    const person = new RoomRecorder({ client, room: "lobby", name: `tab ${++named}`, recorder });
    return { tab, client, person };
  };
  const say = ({ person }: Member): void => void published.push(person.publish(`message ${++said}`));
  const bring = async (members: readonly Member[]): Promise<void> => {
    await Promise.all(published);
    const { head } = await server.log.head("lobby");
    await Promise.all(members.map(({ person }) => person.reaches(head)));
  };

  let members = [open()];
  say(members[0] as Member);
  await bring(members);
  while (members.length < run.tabs) members.push(open());
  members.forEach(say);
  await bring(members);
  assert.equal(counted.most, 1, "ten tabs are one connection");

  for (let done = 0; done < run.handovers; done++) {
    for (let n = randomInteger(random, 1, 4); n > 0; n--) say(randomItem(random, members));
    const first = members.find(({ tab }) => tab === browser.leader) ?? (members[0] as Member);
    const others = members.filter((member) => member !== first);
    if (run.workers) {
      browser.crashWorker();
      // What its process held is gone before anybody can know.
      await until(() => counted.now === 0, PATIENCE_MS);
    }
    const isGone = random() < 0.7;
    if (isGone) {
      if (random() < 0.5) first.tab.crash();
      else first.tab.leave();
      first.person.left();
      first.client.close();
      members = others;
    } else first.tab.leave();
    say(randomItem(random, members));
    if (isGone) members.push(open());
    else members = [...others, first];
    await bring(members);
    assert.ok(
      await until(() => counted.now === 1, PATIENCE_MS),
      `one connection after handover ${done + 1}, not ${counted.now}`,
    );
  }
  await bring(members);
  await recordLog(recorder, server.url, "lobby");
  assert.deepEqual(checkHistory(recorder.events, { settled: true }), []);
  assert.equal(counted.most, 1, "one connection at the server throughout");
  assert.ok(counted.total > run.handovers / 2, `${counted.total} connections, one after the other`);
  t.diagnostic(`${said} messages, ${counted.total} connections one after the other`);
}
