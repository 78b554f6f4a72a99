import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { randomId, systemClock, systemRandom } from "@parlor/base";
import type { Authorize } from "@parlor/server";
import { until, CountedConnections } from "@parlor/testkit";
import {
  ParlorClient,
  preload,
  roomPresence,
  roomSignals,
  roomState,
  type ClientOptions,
  type SubscribeOptions,
} from "../src/index.ts";
import type { Line } from "../src/tabs/platform.ts";
import { tabsLink } from "../src/tabs/index.ts";
import { Hub } from "../src/tabs/hub.ts";
import type { HubMessage, HubPort } from "../src/tabs/words.ts";
import { FakeBrowser } from "./fake-browser.ts";
import { FakeTransport } from "./fake-transport.ts";
import { collect, connect, RealServer, stateOf } from "./real-server.ts";
import { WELCOME } from "./set-up.ts";
import { KEY, tabClient } from "./tab-client.ts";
import { WAYS } from "./tabs-ways.ts";

const PATIENCE_MS = 20_000;
const LOCKED = { workers: false, locks: true };

await preload();

/** What the application of a client is told of a room, until it has the last message. */
async function toldOf(client: ParlorClient, options: SubscribeOptions, last: string): Promise<unknown[]> {
  const room = client.room("lobby");
  const told: unknown[] = [];
  const isThere = new Promise<void>((resolve) =>
    room.on("messages", (messages, { live }) => {
      told.push(...messages.map(({ offset, body }) => [offset, body, live]));
      if (messages.at(-1)?.body === last) resolve();
    }),
  );
  room.on("lost", (lost) => told.push({ lost }));
  room.on("skipped", (skipped) => told.push({ skipped }));
  room.subscribe(options);
  await isThere;
  return told;
}

async function served(
  t: TestContext,
  options: object = {},
): Promise<{ server: RealServer; counted: CountedConnections }> {
  const counted = new CountedConnections();
  const server = await new RealServer(t).start({ events: true, logger: counted.logger, ...options });
  return { server, counted };
}

function sayAll(client: ParlorClient, count: number): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, (_, n) => client.room("lobby").publish(`m${n + 1}`)));
}

describe("a tab at the hub", { timeout: 60_000 }, () => {
  test("[TABS-6] it begins where it wants, and is told what a connection of its own would tell", async (t) => {
    const { server, counted } = await served(t);
    const writer = connect(t, server.url);
    await sayAll(writer, 40);
    const browser = new FakeBrowser(LOCKED);
    const first = tabClient(t, server.url, browser).client;
    await toldOf(first, { last: 1 }, "m40");
    await server.log.trim("lobby", 5);
    const { epoch } = first.room("lobby").cursor ?? { epoch: "" };
    const wishes: SubscribeOptions[] = [
      { last: 5 },
      { last: 500 },
      { from: { epoch, offset: 39 } },
      { from: { epoch, offset: 10 } },
      { from: { epoch, offset: 2 } },
      { from: { epoch, offset: 10 }, atMost: 4 },
      { from: { epoch, offset: 38 }, atMost: 4 },
      { from: { epoch: "another", offset: 10 } },
    ];
    for (const wish of wishes) {
      const shared = tabClient(t, server.url, browser).client;
      const direct = connect(t, server.url, { key: KEY });
      assert.deepEqual(
        await toldOf(shared, wish, "m40"),
        await toldOf(direct, wish, "m40"),
        JSON.stringify(wish),
      );
      direct.close();
    }
    assert.ok(await until(() => counted.now === 2, PATIENCE_MS), "the writer's, and all the tabs'");
  });

  test("[TABS-6] what is said in an empty room between the reading of its history and the answer to its subscription is not passed over", async (t) => {
    const gate = Promise.withResolvers<true>();
    const asked = Promise.withResolvers<void>();
    const authorize: Authorize = ({ action }) => {
      if (action === "history") asked.resolve();
      return action === "subscribe" ? gate.promise : true;
    };
    const { server } = await served(t, { authorize });
    const { client } = tabClient(t, server.url, new FakeBrowser(LOCKED));
    const told = toldOf(client, { last: 10 }, "m1");
    await asked.promise;
    const writer = connect(t, server.url);
    // By its answer the tab's question, which came before, is answered.
    await writer.room("lobby").history();
    await writer.room("lobby").publish("m1");
    gate.resolve(true);
    assert.deepEqual(await told, [[1, "m1", false]]);
  });

  test("[TABS-7] one with another key has a connection of its own, and so has each where the server can't be shared", async (t) => {
    const { server, counted } = await served(t);
    const browser = new FakeBrowser(LOCKED);
    const one = tabClient(t, server.url, browser).client;
    const two = tabClient(t, server.url, browser, { key: "o".repeat(43) }).client;
    const seen = collect(two.room("lobby"));
    one.room("lobby").subscribe();
    await stateOf(one, "open");
    two.room("lobby").subscribe();
    await stateOf(two, "open");
    await one.room("lobby").publish("hello");
    await seen.until(1);
    assert.notEqual(one.identity, two.identity);
    assert.equal(counted.now, 2);

    const transport = new FakeTransport();
    const hub = new Hub((base, { key }) => new ParlorClient(base, { key, transport }));
    const heard: HubMessage[] = [];
    const port: HubPort = { post: (message) => void heard.push(message) };
    const hello = JSON.stringify({ type: "hello", key: KEY, producer: "producer-1" });
    hub.take(port, {
      version: 1,
      connection: 1,
      kind: "open",
      base: server.url,
      opening: [hello],
      isHidden: false,
    });
    transport.last.open();
    transport.last.say(WELCOME);
    await Promise.resolve();
    hub.close();
    assert.deepEqual(
      heard.map(({ kind }) => kind),
      ["here", "declined"],
    );
  });

  test("[TABS-7] tabs with tokens are each who their token says, on a connection of its own", async (t) => {
    const { server, counted } = await served(t, {
      authenticate: ({ token }: { token: string | null }) => ({ identity: token ?? "nobody" }),
    });
    const browser = new FakeBrowser(LOCKED);
    const names = ["ada", "eve"];
    const tabs = names.map((name) => tabClient(t, server.url, browser, { token: () => name }).client);
    for (const client of tabs) {
      client.room("lobby").subscribe();
      await stateOf(client, "open");
    }
    assert.deepEqual(
      tabs.map(({ identity }) => identity),
      names,
    );
    assert.equal(counted.now, 2);
  });

  test("[TABS-8] presence, state and signals reach those who asked, the whole first, and the other tabs too", async (t) => {
    const { server } = await served(t);
    const browser = new FakeBrowser(LOCKED);
    const other = connect(t, server.url);
    await roomState(other.room("lobby")).set("price", 7);
    roomPresence(other.room("lobby"));
    other.room("lobby").subscribe();
    const tabs = [1, 2, 3].map(() => tabClient(t, server.url, browser).client);
    const heard: unknown[] = [];
    for (const [n, { room }] of tabs.map((client) => ({ room: client.room("lobby") })).entries()) {
      const presence = roomPresence(room);
      const state = roomState(room);
      roomSignals(room).on("signal", ({ body }) => heard.push([n, body]));
      room.subscribe();
      const hasAll = (): boolean => presence.members.size === 2 && state.values.get("price") === 7;
      assert.ok(await until(hasAll, PATIENCE_MS), `tab ${n} knows who and what is there`);
    }
    const [first] = tabs as [ParlorClient];
    roomSignals(first.room("lobby")).signal("typing");
    roomSignals(other.room("lobby")).signal("hello");
    assert.ok(await until(() => heard.length === 5, PATIENCE_MS));
    assert.deepEqual(heard.map((one) => JSON.stringify(one)).sort(), [
      '[0,"hello"]',
      '[1,"hello"]',
      '[1,"typing"]',
      '[2,"hello"]',
      '[2,"typing"]',
    ]);
  });

  for (const [way, parts] of Object.entries(WAYS)) {
    test(`[TABS-15] over ${way}, one that shows another profile is seen with it while others go on`, async (t) => {
      const { server } = await served(t);
      const browser = new FakeBrowser(parts);
      const other = connect(t, server.url);
      const [ada, beside] = [1, 2].map(
        () => tabClient(t, server.url, browser, { profile: { name: "Ada" } }).client,
      ) as [ParlorClient, ParlorClient];
      const clients = [other, ada, beside];
      const presences = clients.map((client) => roomPresence(client.room("lobby")));
      for (const client of clients) client.room("lobby").subscribe();
      const sees = async (name: string): Promise<void> => {
        const isSeen = (): boolean =>
          presences.every(
            ({ members }) => JSON.stringify(members.get(ada.identity ?? "")) === `{"name":"${name}"}`,
          );
        assert.ok(await until(isSeen, PATIENCE_MS), `all see ${name}`);
      };
      await sees("Ada");
      presences[1]?.show({ name: "Ada Lovelace" });
      await sees("Ada Lovelace");
      presences[2]?.show({ name: "Countess" });
      await sees("Countess");
    });
  }

  test("[TABS-9] answers reach the tab that asked, though all choose the same ids", async (t) => {
    const { server } = await served(t, { requests: { echo: ({ params }: { params: unknown }) => params } });
    const browser = new FakeBrowser(LOCKED);
    const tabs = [1, 2, 3].map(() => tabClient(t, server.url, browser).client);
    await sayAll(tabs[0] as ParlorClient, 3);
    const answers = tabs.map(async (client, n) => {
      const numbers = Array.from({ length: 40 }, (_, i) => 100 * n + i);
      assert.deepEqual(await Promise.all(numbers.map((one) => client.request("echo", one))), numbers);
      const page = await client.room("lobby").history({ limit: n + 1 });
      assert.equal(page.messages.length, n + 1);
      assert.ok((await roomState(client.room("lobby")).set(`key ${n}`, n)).version > 0);
      await assert.rejects(client.request("missing"), { code: "unknown-method" });
    });
    await Promise.all(answers);
  });

  test("[TABS-10] one that takes nothing holds back nobody, and gets all of it once it takes again", async (t) => {
    const { server } = await served(t);
    const writer = connect(t, server.url);
    const body = "x".repeat(40_000);
    for (let n = 0; n < 40; n++) await writer.room("lobby").publish(body + n);
    const hub = new Hub((base, { key }) => new ParlorClient(base, { key, transports: ["websocket"] }));
    t.after(() => hub.close());
    const texts: string[] = [];
    const port: HubPort = { post: (message) => void (message.kind === "text" && texts.push(message.text)) };
    const hello = JSON.stringify({ type: "hello", key: KEY, producer: "producer-1" });
    const question = JSON.stringify({ type: "subscribe", room: "lobby", after: 0 });
    const of = { version: 1, connection: 1 };
    hub.take(port, { ...of, kind: "open", base: server.url, opening: [hello, question], isHidden: false });
    const length = (): number => texts.reduce((sum, text) => sum + text.length, 0);
    assert.ok(await until(() => length() > 262_144, PATIENCE_MS));
    await writer.room("lobby").publish("the end");
    assert.ok(length() < 600_000, `${length()} characters wait`);
    const takes = setInterval(() => hub.take(port, { ...of, kind: "taken", characters: 300_000 }), 5);
    t.after(() => clearInterval(takes));
    assert.ok(await until(() => texts.at(-1)?.includes("the end") === true, PATIENCE_MS));
    const offsets = texts
      .map((text) => JSON.parse(text) as { type: string; after: number; messages: { offset: number }[] })
      .filter(({ type }) => type === "messages");
    let place = 0;
    for (const { after, messages } of offsets) {
      assert.equal(after, place);
      place = messages.at(-1)?.offset ?? place;
    }
    assert.equal(offsets.flatMap(({ messages }) => messages).length, 41);
  });
});

/** What a worker has whose connections are refused: nobody listens at that port. */
class LostClient extends ParlorClient {
  constructor(_: string | URL | undefined, options: ClientOptions = {}) {
    super("http://127.0.0.1:9/", { ...options, transports: ["websocket"] });
  }
}

describe("a page that may share its connection", { timeout: 60_000 }, () => {
  const page = (t: TestContext, url: string, over: object): ParlorClient => {
    const { platform } = new FakeBrowser(LOCKED).tab();
    const transport = tabsLink(url, {
      platform: { ...platform, ...over },
      clock: systemClock,
      random: systemRandom,
    });
    return connect(t, url, { key: KEY, producer: randomId(16), transport });
  };

  test("[TABS-11] the first begins with a connection of its own, moves over, and loses nothing on the way", async (t) => {
    const { server, counted } = await served(t);
    const client = page(t, server.url, {});
    const seen = collect(client.room("lobby"));
    client.room("lobby").subscribe({ last: 10 });
    const all = sayAll(client, 20);
    await stateOf(client, "open");
    await all;
    await seen.until(20);
    assert.ok(await until(() => counted.total === 2 && counted.now === 1, PATIENCE_MS), "the hub's is left");
    await client.room("lobby").publish("over the hub");
    await seen.until(21);
    assert.deepEqual(seen.bodies, await server.bodies("lobby"));
  });

  test("[TABS-13] it asks a hub again that did not answer, and moves over when one does", async (t) => {
    const { server, counted } = await served(t);
    const { platform } = new FakeBrowser({ workers: true, locks: true }).tab();
    const mute: Line = { onmessage: null, postMessage: () => undefined, close: () => undefined };
    let asked = 0;
    const client = connect(t, server.url, {
      key: KEY,
      producer: randomId(16),
      transport: tabsLink(server.url, {
        platform: {
          ...platform,
          worker: (...worker) => (++asked > 1 ? platform.worker(...worker) : mute),
        },
        worker: "worker.js",
        clock: { ...systemClock, after: (ms, task) => systemClock.after(ms / 10, task) },
        random: systemRandom,
      }),
    });
    const seen = collect(client.room("lobby"));
    client.room("lobby").subscribe();
    await stateOf(client, "open");
    await client.room("lobby").publish("before");
    // On a busy machine the second one may be late, too: then it is asked a third time.
    assert.ok(await until(() => asked >= 2 && counted.total >= 2 && counted.now === 1, PATIENCE_MS));
    await client.room("lobby").publish("after");
    await seen.until(2);
    assert.deepEqual(seen.bodies, ["before", "after"]);
  });

  test("[TABS-13] where the worker does not get through to the server, its page does so by itself", async (t) => {
    const { server } = await served(t);
    const { platform } = new FakeBrowser({ workers: true, locks: true }, LostClient).tab();
    const client = connect(t, server.url, {
      key: KEY,
      producer: randomId(16),
      transport: tabsLink(server.url, { platform, worker: "worker.js" }),
    });
    const seen = collect(client.room("lobby"));
    client.room("lobby").subscribe();
    await stateOf(client, "open");
    await client.room("lobby").publish("before");
    await server.stop();
    await stateOf(client, "waiting");
    await server.start();
    await client.room("lobby").publish("after");
    await seen.until(2);
    assert.deepEqual(seen.bodies, ["before", "after"]);
  });

  test("[TABS-12] where tabs can't find one another it keeps its own", async (t) => {
    const { server } = await served(t);
    const client = page(t, server.url, { channel: () => null });
    const seen = collect(client.room("lobby"));
    client.room("lobby").subscribe();
    await stateOf(client, "open");
    await sayAll(client, 3);
    await seen.until(3);
    await server.stop();
    await stateOf(client, "waiting");
    await server.start();
    await stateOf(client, "open");
    await client.room("lobby").publish("after");
    await seen.until(4);
  });

  test("[TABS-12] where the worker can't be had a tab holds the connection", async (t) => {
    const { server, counted } = await served(t);
    const browser = new FakeBrowser({ workers: false, locks: true });
    browser.parts = { workers: true, locks: true };
    const tabs = [1, 2].map(() => tabClient(t, server.url, browser).client);
    for (const client of tabs) client.room("lobby").subscribe();
    await Promise.all(tabs.map((client) => stateOf(client, "open")));
    assert.equal(counted.now, 1);
  });
});
