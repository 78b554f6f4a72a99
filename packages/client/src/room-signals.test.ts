import assert from "node:assert/strict";
import { test } from "node:test";
import { SetUp, subscribed } from "../test/set-up.ts";
import { roomSignals } from "./room-signals.ts";

test("[CLIENT-79] what a poll ended with is named by the next question, and by none behind its answer", () => {
  const setUp = new SetUp();
  const room = setUp.client.room("a");
  const heard: unknown[] = [];
  roomSignals(room).on("signal", ({ body }) => heard.push(body));
  room.subscribe();
  /** What the next connection says of the signals that were heard. */
  const asked = (): unknown => {
    const [, question] = setUp.welcome();
    assert.equal(question?.["signals"], "batched");
    return question["heard"];
  };
  assert.equal(asked(), undefined);
  setUp.far.say(subscribed("a", 0), { type: "signals", room: "a", signals: [], next: "k3xZ.7" });
  setUp.far.close();
  setUp.comeBack();
  assert.equal(asked(), "k3xZ.7");
  setUp.far.close();
  setUp.comeBack();
  assert.equal(asked(), "k3xZ.7", "it was not answered");
  setUp.far.say(subscribed("a", 0));
  setUp.far.close();
  setUp.comeBack();
  assert.equal(asked(), undefined);
  assert.deepEqual(heard, []);
});
