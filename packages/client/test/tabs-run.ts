import assert from "node:assert/strict";
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
  CountedConnections,
} from "@parlor/testkit";
import { preload, type ParlorClient } from "../src/index.ts";
import { FakeBrowser, type BrowserParts, type FakeTab } from "./fake-browser.ts";
import { RealServer } from "./real-server.ts";
import { tabClient } from "./tab-client.ts";

/** What a worker that crashed takes with it is found out within two of them. */
const HEARTBEAT_MS = 1_500;
const PATIENCE_MS = 20_000;

export interface TabsRun extends BrowserParts {
  readonly tabs: number;
  readonly handovers: number;
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
  const server = await new RealServer(t).start({
    heartbeatMs: HEARTBEAT_MS,
    events: true,
    logger: counted.logger,
  });
  const recorder = new HistoryRecorder();
  const browser = new FakeBrowser(run);
  const published: Promise<void>[] = [];
  let named = 0;
  let said = 0;

  const open = (): Member => {
    const { tab, client } = tabClient(t, server.url, browser);
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
    if (run.workers && done % 10 === 0) {
      const tell = browser.crashWorker();
      // What its process held is gone before anybody can know.
      await until(() => counted.now === 0, PATIENCE_MS);
      tell();
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
  assert.ok(
    counted.total > run.handovers / (run.workers ? 10 : 2),
    `${counted.total} connections, one after the other`,
  );
  t.diagnostic(`${said} messages, ${counted.total} connections one after the other`);
}
