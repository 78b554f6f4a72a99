import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { Message, SubscribedFrame } from "@parlor/protocol";
import fc from "fast-check";
import { freshKey } from "./support/peer.ts";
import { startParlor, type RunningParlor } from "./support/parlor-server.ts";
import { openDownward, openUpward, ROADS, type Road } from "./support/roads.ts";

/** A turn of the story: a reader that comes, reads for a while and is cut, and what happens beside it. */
interface Turn {
  readonly down: Road;
  readonly up: Road;
  /** Publishes of this turn. */
  readonly publishes: number;
  /** After so many turns of the event loop the publisher's first try is cut; null where it is not. */
  readonly cutUpAfter: number | null;
  /** Whether they are published while the reader reads, or before it comes. */
  readonly isBeside: boolean;
  /** Batches that the reader takes before it is cut; then it may have more behind it. */
  readonly batches: number;
  /** Of what there is, how much is trimmed before this turn, in tenths; usually nothing. */
  readonly trimTenths: number;
}

const road = fc.constantFrom(...ROADS);
const turn: fc.Arbitrary<Turn> = fc.record({
  down: road,
  up: road,
  publishes: fc.integer({ min: 0, max: 12 }),
  cutUpAfter: fc.option(fc.integer({ min: 0, max: 12 })),
  isBeside: fc.boolean(),
  batches: fc.integer({ min: 0, max: 4 }),
  trimTenths: fc.constantFrom(0, 0, 0, 0, 5, 10),
});

class Story {
  readonly #t: TestContext;
  readonly #server: RunningParlor;
  readonly #room = `room ${freshKey()}`;
  readonly #key = freshKey();
  #published = 0;
  #earliest = 1;
  #epoch: string | undefined;
  #cursor = 0;
  readonly taken: Message[] = [];
  readonly lost: { from: number; to: number }[] = [];

  constructor(t: TestContext, server: RunningParlor) {
    this.#t = t;
    this.#server = server;
  }

  async play(turns: readonly Turn[]): Promise<void> {
    for (const each of turns) await this.#turn(each);
    await this.#read(ROADS[turns.length % ROADS.length] as Road, Infinity, this.#published);
    await this.#check();
  }

  async #turn({ down, up, publishes, cutUpAfter, isBeside, batches, trimTenths }: Turn): Promise<void> {
    if (trimTenths > 0 && this.#published > 0) {
      const before = Math.max(this.#earliest, Math.ceil((this.#published * trimTenths) / 10));
      this.#earliest = await this.#server.parlor.room(this.#room).trim(before);
    }
    const goal = this.#published + publishes;
    const publishing = this.#publish(up, publishes, cutUpAfter);
    if (!isBeside) await publishing;
    await Promise.all([publishing, this.#read(down, batches, goal)]);
  }

  /** Publishes the next so many; where a try is cut, all of them again, as whoever does not know would. */
  async #publish(up: Road, count: number, cutAfter: number | null): Promise<void> {
    if (count === 0) return;
    const first = this.#published + 1;
    this.#published += count;
    const frames = Array.from({ length: count }, (_, i) => ({
      type: "publish",
      room: this.#room,
      seq: first + i,
      body: first + i,
    }));
    if (cutAfter !== null) {
      const upward = await openUpward(this.#t, this.#server, up, { key: this.#key });
      const tried = upward.publish(frames);
      tried.catch(() => {});
      for (let i = 0; i < cutAfter; i++) await new Promise((resolve) => setImmediate(resolve));
      upward.cut();
      await Promise.allSettled(up === "websocket" ? [] : [tried]);
    }
    const upward = await openUpward(this.#t, this.#server, up, { key: this.#key });
    const answers = await upward.publish(frames);
    assert.deepEqual(
      answers.map((answer) => answer.type === "ack" && answer.seq),
      frames.map(({ seq }) => seq),
    );
    upward.cut();
  }

  /** Reads on from the cursor until so many batches came, or everything up to `goal`. */
  async #read(down: Road, batches: number, goal: number): Promise<void> {
    const subscribe = (): object => ({
      type: "subscribe",
      room: this.#room,
      after: this.#cursor,
      ...(this.#epoch === undefined ? {} : { epoch: this.#epoch }),
    });
    const downward = await openDownward(this.#t, this.#server, down, { key: freshKey() }, subscribe);
    let isStarted = false;
    for (let left = batches; left > 0 && (!isStarted || this.#cursor < goal); ) {
      const frame = await downward.next();
      if (frame.type === "subscribed") {
        isStarted = true;
        this.#begin(frame);
      } else if (frame.type === "messages") {
        assert.equal(frame.after, this.#cursor, "the chain is unbroken");
        this.taken.push(...frame.messages);
        this.#cursor = frame.messages.at(-1)?.offset ?? this.#cursor;
        left -= 1;
      } else assert.fail(JSON.stringify(frame));
    }
    downward.cut();
  }

  #begin({ epoch, after, lost }: SubscribedFrame): void {
    this.#epoch ??= epoch;
    assert.equal(epoch, this.#epoch);
    if (lost !== null) {
      assert.ok("from" in lost && lost.to < this.#earliest, "only what was trimmed is lost");
      this.lost.push(lost);
    } else assert.equal(after, this.#cursor);
    this.#cursor = after;
  }

  async #check(): Promise<void> {
    const { head } = await this.#server.log.head(this.#room);
    assert.equal(head, this.#published, "each publish is in the log once");
    const told = [...this.taken.map(({ offset }) => ({ from: offset, to: offset })), ...this.lost].toSorted(
      (a, b) => a.from - b.from,
    );
    let reached = 0;
    for (const { from, to } of told) {
      assert.equal(from, reached + 1, `what follows ${reached} came once, or was told as lost`);
      reached = to;
    }
    assert.equal(reached, head);
    for (const { offset, seq, body } of this.taken) assert.deepEqual([seq, body], [offset, offset]);
  }
}

describe("changing roads", () => {
  test("[POLL-13] whoever changes between WebSocket, stream and polls at every cut gets each message once and in order, and publishes each once", async (t) => {
    const server = await startParlor(t);
    const story = fc.asyncProperty(fc.array(turn, { minLength: 3, maxLength: 14 }), async (turns) => {
      await new Story(t, server).play(turns);
    });
    await fc.assert(story, { numRuns: 40 });
  });
});
