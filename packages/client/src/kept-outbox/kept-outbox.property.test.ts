import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { FakeClock, randomInteger, seededRandom, until } from "@parlor/testkit";
import { Browser, KeptPage, settle } from "../../test/kept-pages.ts";
import { ModelServer } from "../../test/model-server.ts";

const ROOMS = ["lobby", "attic"];
const SEEDS = 12;
const STEPS = 60;
const PATIENCE_MS = 20_000;

interface Said {
  readonly page: number;
  readonly room: string;
  readonly body: { readonly n: number; readonly bad: boolean };
  /** Its promise fulfilled, or its record lay on disk when its page died: it has to come through. */
  isPromised: boolean;
}

const opened: (KeptPage | null)[][] = [];

/** Pages of one browser publish, die and are opened, against a network and a server that do their worst. */
async function play(seed: number): Promise<number> {
  const random = seededRandom(seed);
  const clock = new FakeClock();
  const server = new ModelServer(clock, random);
  server.forgetsProducers = false;
  const browser = new Browser();
  const said: Said[] = [];
  const pages: (KeptPage | null)[] = [];
  opened.push(pages);
  let deaths = 0;

  const open = (): void => {
    const page = new KeptPage(browser, {
      key: "k".repeat(43),
      clock,
      random,
      transport: server.transport("identity"),
      wake: { listen: () => () => undefined, isOffline: false },
    });
    for (const room of ROOMS) page.room(room).subscribe({ last: 5 });
    pages.push(page);
  };
  const publish = (index: number): void => {
    const page = pages[index];
    if (page === null || page === undefined) return;
    const room = ROOMS[randomInteger(random, 0, 1)] as string;
    const one: Said = {
      page: index,
      room,
      body: { n: said.length, bad: random() < 0.08 },
      isPromised: false,
    };
    said.push(one);
    page
      .room(room)
      .publish(one.body)
      .then(
        () => (one.isPromised = true),
        () => undefined,
      );
  };
  const kill = async (index: number): Promise<void> => {
    pages[index]?.die();
    if (pages[index] !== null) deaths += 1;
    pages[index] = null;
    const kept = new Set((await browser.records()).map(({ json }) => json));
    for (const one of said) if (kept.has(JSON.stringify(one.body))) one.isPromised ||= !one.body.bad;
  };

  open();
  open();
  for (let step = 0; step < STEPS; step++) {
    clock.advance(random() < 0.7 ? randomInteger(random, 0, 30) : randomInteger(random, 100, 900));
    for (let burst = randomInteger(random, 0, 3); burst > 0; burst--) {
      publish(randomInteger(random, Math.max(0, pages.length - 3), pages.length - 1));
    }
    await settle(randomInteger(random, 0, 6));
    if (random() < 0.08) await kill(randomInteger(random, Math.max(0, pages.length - 3), pages.length - 1));
    if (random() < 0.1) open();
  }
  server.isFaulty = false;
  for (const index of pages.keys()) if (index < pages.length - 1) await kill(index);
  open();
  // Of those that were refused a disk that was late may not know it.
  const left = async (): Promise<readonly unknown[]> =>
    (await browser.records()).filter(({ json }) => !json.includes('"bad":true'));
  const isCalm = async (): Promise<boolean> => {
    clock.advance(1_500);
    await settle();
    return (await left()).length === 0;
  };
  assert.ok(await until(isCalm, PATIENCE_MS), `these are left: ${JSON.stringify(await left())}`);

  for (const room of ROOMS) {
    const stored = server.room(room).log.map(({ body }) => (body as Said["body"]).n);
    assert.equal(new Set(stored).size, stored.length, `nothing is stored twice: ${stored.join()}`);
    for (const index of pages.keys()) {
      const own = said.filter((one) => one.page === index && one.room === room);
      const order = stored.filter((n) => own.some(({ body }) => body.n === n));
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
        "what one page wrote is stored in the order of writing",
      );
      for (const { body, isPromised } of own)
        if (isPromised) assert.ok(stored.includes(body.n), `${body.n} was on disk and is not stored`);
    }
  }
  return deaths;
}

describe("the outboxes of a browser's pages", () => {
  afterEach(async () => {
    for (const page of opened.flat()) page?.close();
    await settle();
  });

  test("[OUTBOX-1] [OUTBOX-2] whichever pages die at whatever moment, what was on disk is stored once and in order, by one page after the other", async () => {
    let deaths = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      try {
        deaths += await play(seed);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
    assert.ok(deaths > SEEDS, `${deaths} pages died`);
  });
});
