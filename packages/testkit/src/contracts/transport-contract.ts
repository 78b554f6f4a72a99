import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { TransportConnection } from "@parlor/client";
import { randomInteger, seededRandom, testSeed } from "../seeded-random.ts";
import { Heard } from "./heard.ts";
import { CountingClock, untilFar, type TransportFarEnd } from "./transport-far-end.ts";

const HELLO = { type: "hello", version: 1, key: "k".repeat(43), producer: "producer-1" };
const SUBSCRIBE = { type: "subscribe", room: "a", last: 50 };
const LETTERS = ["a", "é", "漢", "🎈", "\\n", '\\"', " ", "data: "];

interface SetUp {
  readonly far: TransportFarEnd;
  readonly clock: CountingClock;
  readonly heard: Heard;
  readonly connection: TransportConnection;
}

export interface TransportContract {
  /** As it stands in the names of the tests. */
  readonly name: string;
  /** Whether it tells signs of life that are no frames. */
  readonly showsLife: boolean;
  /**
   * Makes the other end of one transport.
   *
   * @param draw A number from 0 to n - 1, from the seed: it chooses where bytes are cut.
   */
  readonly create: (draw: (n: number) => number) => Promise<TransportFarEnd>;
}

/**
 * Every sentence of the port `Transport`, as tests. An implementation calls this from its own
 * `…contract.test.ts`, with how to make its far end, and passes or is no `Transport`.
 */
export function describeTransportContract({ name, showsLife, create }: TransportContract): void {
  describe(`${name}: the contract of transports`, { timeout: 30_000 }, () => {
    const seed = testSeed();
    const random = seededRandom(seed);
    const draw = (n: number): number => randomInteger(random, 0, n - 1);

    async function setUp(t: TestContext): Promise<SetUp> {
      t.diagnostic(`seed ${seed}`);
      const far = await create(draw);
      t.after(() => far.dispose());
      const clock = new CountingClock();
      const heard = new Heard([HELLO, SUBSCRIBE]);
      const connection = open(t, far, heard, clock);
      return { far, clock, heard, connection };
    }

    function open(
      t: TestContext,
      far: TransportFarEnd,
      heard: Heard,
      clock: CountingClock,
    ): TransportConnection {
      let isInside = true;
      const { onEach } = heard;
      heard.onEach = (told) => {
        assert.equal(isInside, false, "a listener was called from within");
        onEach(told);
      };
      const connection = far.transport(clock).open(heard);
      isInside = false;
      t.after(() => connection.close());
      const guarded = (act: () => void): void => {
        isInside = true;
        act();
        isInside = false;
      };
      return {
        send: (text) => guarded(() => connection.send(text)),
        close: () => guarded(() => connection.close()),
      };
    }

    const isWelcomed = ({ texts }: Heard): boolean => texts.length > 0;
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

    test("[TRANSPORT-1] a connection begins with the opening and says once that it is open, before anything else", async (t) => {
      const { far, heard } = await setUp(t);
      await heard.until(isWelcomed);
      await untilFar(far, () => far.openings[0]?.length === 2);
      assert.deepEqual(far.openings[0], heard.frames);
      assert.equal(heard.all[0], "open");
      assert.deepEqual(heard.texts, [far.welcome]);
      assert.equal(heard.all.filter((told) => told === "open").length, 1);
    });

    test("[TRANSPORT-2] each frame comes whole and in order, however its bytes were cut on the way", async (t) => {
      const { far, heard } = await setUp(t);
      const said: string[] = [];
      for (let i = 0; i < 60; i++) {
        const body = Array.from({ length: draw(200) }, () => LETTERS[draw(LETTERS.length)]).join("");
        said.push(`{"type":"messages","room":"a","after":${i},"messages":[],"body":"${body}"}`);
      }
      const rest = [...said];
      while (rest.length > 0) {
        far.say(...rest.splice(0, 1 + draw(20)));
        await heard.until(({ texts }) => texts.length === 1 + said.length - rest.length);
      }
      assert.deepEqual(heard.texts.slice(1), said);
    });

    test("[TRANSPORT-3] what is sent arrives, in order", async (t) => {
      const { far, heard, connection } = await setUp(t);
      await heard.until(isWelcomed);
      const frames = Array.from({ length: 50 }, (_, i) => ({ type: "publish", room: "a", seq: i + 1 }));
      for (const [index, frame] of frames.entries()) {
        send(connection, frame);
        if (index % 7 === 0) await turn();
      }
      await untilFar(far, ({ received }) => received.length === 50);
      assert.deepEqual(
        far.received,
        frames.map((frame) => JSON.stringify(frame)),
      );
    });

    test("[TRANSPORT-4] an end by the server is told once, and nothing after it", async (t) => {
      const { far, clock, heard, connection } = await setUp(t);
      await heard.until(isWelcomed);
      far.end();
      await heard.until(({ closes }) => closes.length > 0);
      const told = heard.all.length;
      send(connection, { type: "publish", room: "a", seq: 1 }, { type: "ping" });
      connection.close();
      await untilFar(far, ({ openCount }) => openCount === 0);
      await turn();
      assert.deepEqual([heard.all.length, heard.closes.length, clock.pendingCount], [told, 1, 0]);
      assert.deepEqual(far.received, []);
    });

    test("[TRANSPORT-4] a server that is gone in the middle is told once, with a code", async (t) => {
      const { far, clock, heard } = await setUp(t);
      await heard.until(isWelcomed);
      far.vanish();
      await heard.until(({ closes }) => closes.length > 0);
      await turn();
      assert.equal(heard.closes.length, 1);
      assert.equal(heard.closes[0]?.code, 1006);
      assert.equal(clock.pendingCount, 0);
    });

    test("[TRANSPORT-5] where nothing can be opened that is told once, later, and nothing is thrown", async (t) => {
      const far = await create(draw);
      const { clock, heard } = { clock: new CountingClock(), heard: new Heard([HELLO]) };
      const transport = far.transport(clock);
      await far.dispose();
      transport.open(heard);
      assert.deepEqual(heard.all, []);
      await heard.until(({ closes }) => closes.length > 0);
      await turn();
      assert.deepEqual([heard.texts, heard.closes.length, clock.pendingCount], [[], 1, 0]);
      t.diagnostic(heard.closes[0]?.reason ?? "");
    });

    test("[TRANSPORT-6] after close nothing is told, whenever it comes, and nothing is left", async (t) => {
      for (const moment of ["at once", "open", "{", "sent", ...(showsLife ? ["life"] : [])]) {
        const { far, clock, heard, connection } = await setUp(t);
        let told = -1;
        const close = (): void => {
          if (told === -1) connection.close();
          told = told === -1 ? heard.all.length : told;
        };
        if (moment === "at once") close();
        else if (moment === "sent") {
          await heard.until(isWelcomed);
          send(connection, { type: "publish", room: "a", seq: 1 }, SUBSCRIBE, { type: "ping" });
          close();
        } else {
          const isClosed = heard.until(({ all }) => {
            const isThen = all.some((each) => typeof each === "string" && each.startsWith(moment));
            if (isThen) close();
            return isThen;
          });
          // What lies between two frames is life, and comes sooner or later.
          for (; told === -1; await turn()) far.say('{"type":"pong"}');
          await isClosed;
        }
        far.say('{"type":"pong"}');
        connection.close();
        await untilFar(far, ({ openCount }) => openCount === 0);
        await turn();
        assert.deepEqual([heard.all.length, clock.pendingCount], [told, 0], moment);
      }
    });
  });
}

function send(connection: TransportConnection, ...frames: readonly object[]): void {
  for (const frame of frames) connection.send(JSON.stringify(frame));
}
