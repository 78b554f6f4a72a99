import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { unavailable } from "@parlor/log";
import { appendOf, FakeClock } from "@parlor/testkit";
import { type ForwardingRoom, Forwarder } from "./forwarder.ts";
import { Proposer } from "./proposer.ts";
import { refusalsOf } from "./refusals-of.ts";
import { RoomFold } from "./room-fold.ts";

const TIMEOUT_MS = 2_000;

/** Lets every promise settle that can do so by itself. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A room of a cluster that takes nothing and answers nothing. */
function silentRoom(clock: FakeClock): Proposer {
  const room = {
    fold: new RoomFold("epoch"),
    ready: async () => undefined,
    check: async () => undefined,
    see: async () => undefined,
    publish: () => new Promise<number>(() => undefined),
    refusal: (error: unknown) => unavailable(String(error)),
    isUnsure: () => false,
    confirm: async () => undefined,
  };
  return new Proposer(room, {
    clock,
    producerRetentionMs: 1_000_000,
    appendTimeoutMs: TIMEOUT_MS,
    refusals: refusalsOf(clock),
  });
}

describe("an append that the cluster does not take", () => {
  test("[NATS-10] is refused as unavailable two seconds after it was asked for, and not before", async () => {
    const clock = new FakeClock();
    const proposer = silentRoom(clock);
    const said: string[] = [];
    const ask = (seq: number): void => {
      proposer
        .append(appendOf("room", seq))
        .catch((error: { code?: string }) => said.push(`${seq} ${error.code}`));
    };
    ask(1);
    await settle();
    clock.advance(700);
    ask(2);
    await settle();
    clock.advance(TIMEOUT_MS - 701);
    await settle();
    assert.deepEqual(said, []);
    clock.advance(1);
    await settle();
    assert.deepEqual(said, ["1 unavailable"]);
    clock.advance(699);
    await settle();
    assert.deepEqual(said, ["1 unavailable"]);
    clock.advance(1);
    await settle();
    assert.deepEqual(said, ["1 unavailable", "2 unavailable"]);
  });

  test("[NATS-10] has no more time where the node that should write was silent before", async () => {
    const clock = new FakeClock();
    const proposer = silentRoom(clock);
    const room: ForwardingRoom = {
      get deadlineMs(): number {
        return proposer.deadlineMs;
      },
      writer: () => "other",
      forward: () => new Promise((_, reject) => void clock.after(300, () => reject(new Error("silent")))),
      append: (append, deadlineMs) => proposer.append(append, deadlineMs),
      idle: () => proposer.idle(),
      see: async () => undefined,
    };
    let said = "";
    new Forwarder(room)
      .append(appendOf("room", 1))
      .catch((error: { code?: string }) => (said = String(error.code)));
    await settle();
    clock.advance(300);
    await settle();
    clock.advance(TIMEOUT_MS - 301);
    await settle();
    assert.equal(said, "");
    clock.advance(1);
    await settle();
    assert.equal(said, "unavailable");
  });
});
