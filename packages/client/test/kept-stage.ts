import assert from "node:assert/strict";
import { until, type FakeClock } from "@parlor/testkit";
import type { ClientOptions, PendingPublish } from "../src/index.ts";
import { FakeTransport } from "./fake-transport.ts";
import { KeptPage, settle, type Browser } from "./kept-pages.ts";
import { KEY, subscribed, WELCOME } from "./set-up.ts";

export const DAY_MS = 86_400_000;
export const PATIENCE_MS = 10_000;

/** One page whose server is played by hand. */
export class KeptStage {
  readonly page: KeptPage;
  readonly transport = new FakeTransport();
  readonly #clock: FakeClock;

  constructor(browser: Browser, clock: FakeClock, options: ClientOptions = {}) {
    const { transport } = this;
    this.#clock = clock;
    const wake = { listen: () => () => undefined, isOffline: false };
    this.page = new KeptPage(browser, { key: KEY, clock, random: () => 0, transport, wake, ...options });
    open.push(this.page);
  }

  get room(): ReturnType<KeptPage["room"]> {
    return this.page.room("lobby");
  }

  /** Subscribes, and is told that all is here, behind offset 7. */
  async begin(identity = "ada"): Promise<this> {
    this.room.subscribe();
    await this.welcome(identity);
    this.transport.last.say(subscribed("lobby", 7));
    // What keeps the outbox is loaded a moment behind what was missed.
    this.#clock.advance(1_000);
    assert.ok(await until(() => this.page.outboxStorage !== null, PATIENCE_MS));
    return this;
  }

  /** Opens the newest connection; returns whose publishes it carries. */
  async welcome(identity = "ada"): Promise<unknown> {
    const { last } = this.transport;
    last.open();
    const producer = last.take()[0]?.["producer"];
    last.say({ ...WELCOME, identity });
    await settle();
    return producer;
  }

  /** The seqs that are sent from now on, until there are so many. */
  async sent(count: number): Promise<unknown[]> {
    const seqs: unknown[] = [];
    const take = (): boolean => {
      for (const { type, seq } of this.transport.last.take()) if (type === "publish") seqs.push(seq);
      return seqs.length >= count;
    };
    assert.ok(await until(take, PATIENCE_MS), `only ${seqs.join()} were sent`);
    return seqs;
  }

  ack(seq: number, offset: number): void {
    this.transport.last.say({ type: "ack", room: "lobby", seq, offset });
  }

  publish(...bodies: readonly string[]): void {
    for (const body of bodies) this.room.publish(body).catch(() => undefined);
  }

  /** What waits, once another page's is here: a new connection speaks for it. */
  async takenOver(): Promise<readonly PendingPublish[]> {
    assert.ok(await until(() => this.room.outbox.length > 0, PATIENCE_MS));
    const speaks = (): boolean => this.page.shell.core.producer !== this.page.producer;
    assert.ok(await until(speaks, PATIENCE_MS));
    return this.room.outbox;
  }
}

const open: KeptPage[] = [];
/** After each test. */
export async function closePages(): Promise<void> {
  for (const page of open.splice(0)) page.close();
  await settle();
}

/** A page published this, of which the first was acked, and died. */
export async function deadPage(
  browser: Browser,
  clock: FakeClock,
  bodies: readonly string[],
  acked = 0,
): Promise<string> {
  const dead = await new KeptStage(browser, clock).begin();
  dead.publish(...bodies);
  await dead.sent(bodies.length);
  for (let seq = 1; seq <= acked; seq++) dead.ack(seq, 7 + seq);
  const isWritten = async (): Promise<boolean> => (await browser.records()).length === bodies.length - acked;
  assert.ok(await until(isWritten, PATIENCE_MS));
  dead.page.die();
  return dead.page.producer;
}
