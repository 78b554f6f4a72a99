import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LISTENING, message, messages, SetUp, subscribed, WELCOME } from "../test/set-up.ts";
import type { ServerFrame } from "@parlor/protocol";
import type { CoreClient, CoreRoom } from "./core.ts";
import { roomPresence } from "./room-presence.ts";

interface Heard {
  readonly offsets: number[];
  /** What each `subscribed` says of it. */
  readonly lost: unknown[];
  readonly events: unknown[];
}

function listen(room: CoreRoom): Heard {
  const heard: Heard = { offsets: [], events: [], lost: [] };
  room.on("messages", (all, { live }) => {
    heard.offsets.push(...all.map(({ offset }) => offset));
    heard.events.push([live ? "live" : "past", ...all.map(({ offset }) => offset)]);
  });
  room.on("lost", (lost) => void heard.events.push(["lost", lost]));
  room.on("skipped", (skipped) => void heard.events.push(["skipped", skipped]));
  room.on("subscribed", ({ after, lost }) => {
    heard.events.push(["subscribed", after]);
    heard.lost.push(lost);
  });
  room.on("unsubscribed", (reason) => void heard.events.push(["unsubscribed", reason]));
  return heard;
}

const RESUME = { type: "subscribe", room: "a", epoch: "e1" };

for (const Client of LISTENING)
  describe(`a cursor of ${Client.name}`, () => {
    /** A client in the room `a`, chained behind offset `after`. */
    function chained(after = 0, options: { last?: number; atMost?: number } = {}) {
      const setUp = new SetUp<CoreClient>({}, Client);
      const room = setUp.client.room("a");
      const heard = listen(room);
      room.subscribe(options);
      setUp.welcome();
      setUp.far.say(subscribed("a", after));
      heard.events.length = 0;
      setUp.far.take();
      return { setUp, room, heard };
    }

    test("[CLIENT-2] a subscribe goes out right behind the hello, without waiting for the welcome", () => {
      const setUp = new SetUp<CoreClient>({}, Client);
      setUp.client.room("a").subscribe({ last: 50 });
      setUp.far.open();
      assert.deepEqual(setUp.far.take(), [
        { type: "hello", version: 1, key: "k".repeat(43), producer: "producer-1" },
        { type: "subscribe", room: "a", last: 50 },
      ]);
    });

    test("[CLIENT-2] after a reconnect it goes on behind the last message delivered, in its epoch, with atMost", () => {
      const { setUp } = chained(10, { last: 5, atMost: 500 });
      setUp.far.say(messages("a", 10, 11, 12));
      setUp.far.close();
      setUp.comeBack();
      assert.deepEqual(setUp.welcome()[1], { ...RESUME, after: 12, atMost: 500 });
    });

    test("[CLIENT-2] a chain that started counts as taken, so a join is not made twice", () => {
      const { setUp } = chained(10, { last: 5 });
      setUp.far.close();
      setUp.comeBack();
      assert.deepEqual(setUp.welcome()[1], { ...RESUME, after: 10 });
    });

    test("[PRESENCE-8] on a connection that had an answer it asks for presence whole, at the next one for what changed", () => {
      const { setUp, room } = chained(10);
      const members = roomPresence(room).members;
      const list = (version: number, ...names: string[]): ServerFrame => ({
        type: "presence",
        ...{ room: "a", version, full: true, count: names.length, left: [] },
        joined: names.map((identity) => ({ identity, profile: null })),
      });
      assert.deepEqual(setUp.far.take(), [{ ...RESUME, after: 10, presence: true }]);
      setUp.far.say(subscribed("a", 10), list(1, "ada", "bob"));
      room.unsubscribe();
      room.subscribe();
      assert.deepEqual(setUp.far.take(), [
        { type: "unsubscribe", room: "a" },
        { ...RESUME, after: 10, presence: true },
      ]);
      // Told before the question was heard, and only then the answer.
      setUp.far.say(list(2, "ada"), { type: "unsubscribed", room: "a" }, subscribed("a", 10));
      setUp.far.say(list(1, "ada", "bob"));
      assert.deepEqual([...members.keys()], ["ada", "bob"]);
      setUp.far.close();
      setUp.comeBack();
      assert.deepEqual(setUp.welcome()[1], { ...RESUME, after: 10, presence: 1 });
    });

    test("[CLIENT-78] another profile is shown by a connection that begins at once, behind the cursor", () => {
      const { setUp, room } = chained(10);
      const presence = roomPresence(room);
      const first = setUp.far;
      presence.show({ name: "ada" });
      assert.notEqual(setUp.far, first, "no time has passed");
      const [hello, question] = setUp.welcome();
      assert.deepEqual(hello?.["profile"], { name: "ada" });
      assert.deepEqual(question, { ...RESUME, after: 10, presence: true });
    });

    test("[CLIENT-3] a frame that follows another offset delivers nothing and asks again from the cursor, once", () => {
      const { setUp, heard } = chained(10);
      setUp.far.say(messages("a", 10, 11), messages("a", 12, 13), messages("a", 13, 14));
      assert.deepEqual(heard.offsets, [11]);
      assert.deepEqual(setUp.far.take(), [{ ...RESUME, after: 11 }]);
      setUp.far.say(subscribed("a", 11), messages("a", 11, 12, 13, 14));
      assert.deepEqual(heard.offsets, [11, 12, 13, 14]);
      assert.deepEqual(setUp.far.take(), []);
    });

    test("[CLIENT-3] after the server starts the chain further back, only what was not delivered is", () => {
      const { setUp, heard } = chained(10);
      setUp.far.say(messages("a", 10, 11, 12), subscribed("a", 9));
      setUp.far.say(messages("a", 9, 10, 11), messages("a", 11, 12, 13), messages("a", 13, 14));
      assert.deepEqual(heard.offsets, [11, 12, 13, 14]);
      assert.deepEqual(setUp.far.take(), []);
    });

    test("[CLIENT-3] offsets may skip numbers as long as each frame follows the one before", () => {
      const { setUp, heard } = chained(10);
      setUp.far.say(messages("a", 10, 15, 90), messages("a", 90, 91));
      assert.deepEqual(heard.offsets, [15, 90, 91]);
    });

    test("[CLIENT-3] a chain that would start behind undelivered messages without a word is asked for again", () => {
      const { setUp, heard, room } = chained(10);
      setUp.far.say(subscribed("a", 20));
      assert.deepEqual(setUp.far.take(), [{ ...RESUME, after: 10 }]);
      assert.deepEqual(room.cursor, { epoch: "e1", offset: 10 });
      setUp.far.say(subscribed("a", 10), messages("a", 10, 11));
      assert.deepEqual(heard.events, [
        ["subscribed", 10],
        ["live", 11],
      ]);
    });

    test("[CLIENT-3] restarts that were under way before the answer lose nothing", () => {
      const { setUp, heard } = chained(10);
      for (const after of [20, 21, 22, 23, 24]) setUp.far.say(subscribed("a", after));
      setUp.far.say(subscribed("a", 10), messages("a", 10, 11, 12));
      assert.deepEqual(heard.offsets, [11, 12]);
      assert.deepEqual(
        heard.events.filter((event) => (event as string[])[0] === "lost"),
        [],
      );
    });

    test("[CLIENT-4] a server that insists on such a chain makes the stretch told as lost, never silent", () => {
      const { setUp, heard } = chained(10);
      for (let i = 0; i < 11; i++) setUp.far.say(subscribed("a", 20));
      setUp.far.say(messages("a", 20, 21));
      assert.deepEqual(heard.events, [
        ["lost", { from: 11, to: 20 }],
        ["subscribed", 20],
        ["live", 21],
      ]);
    });

    test("[CLIENT-4] a trimmed stretch is told as lost, and delivery goes on behind it", () => {
      const { setUp, heard, room } = chained(10);
      setUp.far.close();
      setUp.comeBack();
      setUp.welcome();
      setUp.far.say(subscribed("a", 30, { lost: { from: 11, to: 30 }, head: 31, earliest: 31 }));
      setUp.far.say(messages("a", 30, 31));
      assert.deepEqual(heard.events, [
        ["lost", { from: 11, to: 30 }],
        ["subscribed", 30],
        ["past", 31],
      ]);
      assert.deepEqual(room.cursor, { epoch: "e1", offset: 31 });
    });

    test("[CLIENT-4] another epoch is told as lost even where the server does not say so, and offsets start anew", () => {
      const { setUp, heard, room } = chained(10);
      setUp.far.say(subscribed("a", 0, { epoch: "e2", head: 3 }), messages("a", 0, 1, 2, 3));
      assert.deepEqual(heard.events, [
        ["lost", { epoch: true }],
        ["subscribed", 0],
        ["past", 1, 2, 3],
      ]);
      assert.deepEqual(room.cursor, { epoch: "e2", offset: 3 });
    });

    test("[CLIENT-4] another epoch is told once where the room was left and asked for again before the first answer", () => {
      const { setUp, room, heard } = chained(31);
      setUp.far.close();
      setUp.comeBack();
      setUp.welcome();
      room.unsubscribe();
      room.subscribe();
      const answer = subscribed("a", 0, { epoch: "e2", lost: { epoch: true }, head: 2 });
      setUp.far.say(answer, { type: "unsubscribed", room: "a" }, answer, messages("a", 0, 1, 2));
      assert.deepEqual(heard.offsets, [1, 2]);
      setUp.far.say(answer, messages("a", 0, 1, 2));
      assert.deepEqual(heard.offsets, [1, 2]);
      assert.deepEqual(
        heard.events.filter((event) => Array.isArray(event) && event[0] === "lost"),
        [["lost", { epoch: true }]],
      );
    });

    test("[CLIENT-4] an answer that was made for an older question tells no loss again, wherever its history ended then", () => {
      const { setUp, room, heard } = chained(31);
      setUp.far.close();
      setUp.comeBack();
      setUp.welcome();
      const answer = (head: number): object =>
        subscribed("a", 0, { epoch: "e2", lost: { epoch: true }, head });
      setUp.far.say(answer(2), messages("a", 0, 1, 2), messages("a", 2, 3));
      for (const head of [3, 2]) {
        setUp.far.say(answer(head), messages("a", 0, 1, 2, 3));
        assert.deepEqual(room.cursor, { epoch: "e2", offset: 3 });
      }
      assert.deepEqual(heard.offsets, [1, 2, 3]);
      assert.deepEqual(heard.lost.slice(-3), [{ epoch: true }, null, null]);
    });

    test("[CLIENT-4] a history that went back within its epoch is another history", () => {
      const { setUp, heard } = chained(10);
      setUp.far.say(subscribed("a", 4, { lost: { epoch: true }, head: 5 }), messages("a", 4, 5));
      assert.deepEqual(heard.events, [
        ["lost", { epoch: true }],
        ["subscribed", 4],
        ["past", 5],
      ]);
    });

    test("[CLIENT-4] what atMost left out is told as skipped, not as lost", () => {
      const { setUp, heard } = chained(10, { atMost: 5 });
      setUp.far.say(subscribed("a", 90, { skipped: { from: 11, to: 90 }, head: 95 }));
      assert.deepEqual(heard.events, [
        ["skipped", { from: 11, to: 90 }],
        ["subscribed", 90],
      ]);
    });

    test("[CLIENT-2] a frame that spans the head of the start is told as past and as live", () => {
      const { setUp, heard, room } = chained(0);
      setUp.far.close();
      setUp.comeBack();
      setUp.welcome();
      setUp.far.say(subscribed("a", 0, { head: 2 }), messages("a", 0, 1, 2, 3));
      assert.deepEqual(heard.events.slice(1), [
        ["past", 1, 2],
        ["live", 3],
      ]);
      assert.equal(room.head, 3);
    });

    test("[TRANSPORT-42] a start where the chain stands is no news, and what comes behind it stays live or past", () => {
      const { setUp, heard, room } = chained(10);
      setUp.far.say(messages("a", 10, 11), subscribed("a", 11, { head: 13 }), messages("a", 11, 12, 13));
      assert.deepEqual(heard.events, [
        ["live", 11],
        ["live", 12, 13],
      ]);
      assert.equal(room.head, 13);
      setUp.far.close();
      setUp.comeBack();
      setUp.welcome();
      setUp.far.say(subscribed("a", 13, { head: 16 }), messages("a", 13, 14));
      setUp.far.say(subscribed("a", 14, { head: 18 }), messages("a", 14, 15, 16, 17));
      assert.deepEqual(heard.events.slice(2), [
        ["subscribed", 13],
        ["past", 14],
        ["past", 15, 16],
        ["live", 17],
      ]);
    });

    test("[CLIENT-5] a subscription that the server ends is told with its code and not asked for again", () => {
      const { setUp, heard } = chained(10);
      setUp.far.say({ type: "unsubscribed", room: "a", code: "forbidden", message: "Not any more." });
      setUp.far.say(messages("a", 10, 11));
      assert.deepEqual(heard.events, [["unsubscribed", { code: "forbidden", message: "Not any more." }]]);
      setUp.far.close();
      setUp.comeBack();
      assert.equal(setUp.welcome().length, 1);
    });

    test("[CLIENT-5] a subscribe that is refused for good is told, one that is refused for now is asked again", () => {
      const { setUp, heard } = chained(10);
      setUp.far.close();
      setUp.comeBack();
      setUp.welcome();
      const refused = { type: "error", to: "subscribe", room: "a", message: "no" };
      setUp.far.say({ ...refused, code: "unavailable", retryAfterMs: 700 });
      setUp.clock.advance(699);
      assert.deepEqual(setUp.far.take(), []);
      setUp.clock.advance(1);
      assert.deepEqual(setUp.far.take(), [{ ...RESUME, after: 10 }]);
      setUp.far.say({ ...refused, code: "too-many-rooms" });
      setUp.clock.advance(5_000);
      assert.deepEqual(setUp.far.take(), []);
      assert.deepEqual(heard.events, [["unsubscribed", { code: "too-many-rooms", message: "no" }]]);
    });

    test("[CLIENT-5] the confirmation of an unsubscribe does not end the subscription that followed it", () => {
      const { setUp, room, heard } = chained(10);
      room.unsubscribe();
      room.subscribe();
      assert.deepEqual(setUp.far.take(), [
        { type: "unsubscribe", room: "a" },
        { ...RESUME, after: 10 },
      ]);
      setUp.far.say({ type: "unsubscribed", room: "a" }, subscribed("a", 10), messages("a", 10, 11));
      assert.deepEqual(heard.offsets, [11]);
    });

    test("[CLIENT-2] subscribe while subscribed changes nothing; after unsubscribe `last` joins anew", () => {
      const { setUp, room } = chained(10);
      room.subscribe({ last: 20 });
      assert.deepEqual(setUp.far.take(), []);
      room.unsubscribe();
      room.unsubscribe();
      room.subscribe({ last: 20 });
      assert.deepEqual(setUp.far.take(), [
        { type: "unsubscribe", room: "a" },
        { type: "subscribe", room: "a", last: 20 },
      ]);
    });

    test("[CLIENT-2] from goes on behind a position that the caller kept", () => {
      const setUp = new SetUp<CoreClient>({}, Client);
      setUp.client.room("a").subscribe({ from: { epoch: "e1", offset: 7 } });
      assert.deepEqual(setUp.welcome()[1], { ...RESUME, after: 7 });
      setUp.far.say(subscribed("a", 7), messages("a", 7, 8));
      assert.deepEqual(setUp.client.room("a").cursor, { epoch: "e1", offset: 8 });
    });

    test("[CLIENT-2] options that make no sense are refused in words", () => {
      const room = new SetUp<CoreClient>({}, Client).client.room("a");
      const position = { epoch: "e1", offset: 7 };
      for (const options of [
        { last: 501 },
        { last: -1 },
        { last: 1.5 },
        { last: 1, from: position },
        { from: { epoch: "", offset: 7 } },
        { from: { epoch: "e1", offset: -1 } },
        { atMost: Number.NaN },
      ]) {
        assert.throws(() => room.subscribe(options), { code: "bad-option" }, JSON.stringify(options));
      }
    });

    test("[CLIENT-2] frames of rooms that nobody asked for are not delivered", () => {
      const { setUp, room, heard } = chained(10);
      room.unsubscribe();
      setUp.far.say(messages("a", 10, 11), subscribed("a", 10), messages("b", 0, 1), subscribed("b", 0));
      assert.deepEqual(heard.events, []);
    });

    test("[CLIENT-3] erased messages keep their place", () => {
      const { setUp, room } = chained(10);
      const bodies: unknown[] = [];
      room.on("messages", (all) => void bodies.push(...all.map(({ body, redacted }) => [body, redacted])));
      const erased = message(11, { body: null, redacted: true });
      setUp.far.say({ type: "messages", room: "a", after: 10, messages: [erased, message(12)] });
      assert.deepEqual(bodies, [
        [null, true],
        ["m12", undefined],
      ]);
    });

    test("[CLIENT-2] a second welcome on a living connection changes nothing", () => {
      const { setUp, heard } = chained(10);
      setUp.far.say(WELCOME, messages("a", 10, 11));
      assert.deepEqual(setUp.far.take(), []);
      assert.deepEqual(heard.offsets, [11]);
    });
  });
