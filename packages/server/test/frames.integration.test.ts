import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";

/** What can be wrong with an offset, as it stands in a frame. */
const NO_OFFSETS = [
  "-1",
  "-0",
  "1.5",
  "1e400",
  "9007199254740992",
  "18446744073709551616",
  '"1"',
  '"٣"',
  "null",
  "true",
  "[1]",
  "{}",
];

describe("a frame that is none", () => {
  test("[REFUSE-50] garbage, arrays, numbers, truncated JSON and objects without a type are bad-frame (B36)", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    const none = [
      "",
      " ",
      "garbage",
      "[]",
      '[{"type":"ping"}]',
      "null",
      "true",
      "17",
      '"ping"',
      "{}",
      '{"type":null}',
      '{"type":1}',
      '{"type":["ping"]}',
      '{"type":"ping"',
      '{"type":"ping"}{"type":"ping"}',
      '{"type":"ping"}\n{"type":"ping"}',
      '{"type":"publish","room":"lobby","seq":1,"body":NaN}',
      '{"type":"publish","room":"lobby","seq":1,"body":Infinity}',
      '{"type":"publish","room":"lobby","seq":0x1,"body":1}',
      "\ufeff{}",
      "\u0000",
    ];
    for (const text of none) {
      const error = await peer.errorTo(text);
      assert.equal(error.code, "bad-frame", text);
    }
  });

  test("[REFUSE-51] an unknown type is unknown-frame, be it the name of a member of every object (B14, B31)", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    const types = [
      "dance",
      "Ping",
      "constructor",
      "__proto__",
      "toString",
      "hasOwnProperty",
      "ack",
      "welcome",
    ];
    for (const type of types) {
      const error = await peer.errorTo(JSON.stringify({ type, room: "lobby", id: 7, seq: 3 }));
      assert.equal(error.code, "unknown-frame", type);
      assert.equal(error.to, type);
      assert.deepEqual([error.room, error.id, error.seq], ["lobby", 7, 3]);
    }
  });

  test("[REFUSE-52] what a later version adds to a frame is ignored", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    const ack = await peer.publish("lobby", 1, "x", { colour: "red", __proto__: 1, deeper: { still: [1] } });
    assert.deepEqual(ack, { type: "ack", room: "lobby", seq: 1, offset: 1 });
    peer.sendText('{"type":"publish","room":"lobby","seq":2,"body":{"__proto__":{"a":1},"constructor":2}}');
    await peer.next("ack");
    await peer.subscribe("lobby", { last: 1 });
    const { messages } = await peer.next("messages");
    assert.equal(JSON.stringify(messages[0]?.body), '{"__proto__":{"a":1},"constructor":2}');
  });
});

describe("numbers", () => {
  test("[REFUSE-54] what is no offset is bad-frame wherever an offset stands, and nothing happens (B37)", async (t) => {
    const { port, log } = await startParlor(t);
    const peer = await Peer.join(t, port);
    for (const value of NO_OFFSETS) {
      for (const member of ["after", "atMost", "last"]) {
        const error = await peer.errorTo(`{"type":"subscribe","room":"lobby","${member}":${value}}`);
        assert.deepEqual([error.code, error.to, error.room], ["bad-frame", "subscribe", "lobby"], value);
      }
      for (const member of ["before", "limit"]) {
        const error = await peer.errorTo(`{"type":"history","id":3,"room":"lobby","${member}":${value}}`);
        assert.deepEqual([error.code, error.to, error.id], ["bad-frame", "history", 3], value);
      }
      for (const member of ["afterSeq", "re"]) {
        peer.sendText(`{"type":"publish","room":"lobby","seq":1,"body":1,"${member}":${value}}`);
        const refused = await peer.next("refused");
        assert.deepEqual([refused.code, refused.room, refused.seq], ["bad-frame", "lobby", 1], value);
      }
    }
    assert.equal((await log.head("lobby")).head, 0);
  });

  test("[REFUSE-55] counts and ids have their ranges, and the last number in each is taken (B33, B37)", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    const wrong = [
      '{"type":"subscribe","room":"lobby","last":501}',
      '{"type":"subscribe","room":"lobby","last":5,"after":5}',
      '{"type":"subscribe","room":"lobby","after":5,"epoch":"not an epoch"}',
      '{"type":"subscribe","room":"lobby","after":5,"epoch":7}',
      '{"type":"history","id":1,"room":"lobby","limit":501}',
      '{"type":"history","id":1,"room":"lobby","limit":0}',
      '{"type":"history","id":0,"room":"lobby"}',
      '{"type":"history","id":2147483648,"room":"lobby"}',
      '{"type":"history","id":4294967295,"room":"lobby"}',
      '{"type":"history","id":"splice","room":"lobby"}',
      '{"type":"history","room":"lobby"}',
      '{"type":"history","id":1,"room":"lobby","related":1}',
      '{"type":"request","id":4294967295,"method":"x"}',
      '{"type":"request","id":1}',
      '{"type":"request","id":1,"method":["x"]}',
    ];
    for (const text of wrong) assert.equal((await peer.errorTo(text)).code, "bad-frame", text);
    await peer.subscribe("lobby", { last: 500 });
    peer.send({
      type: "history",
      id: 2 ** 31 - 1,
      room: "lobby",
      limit: 500,
      before: Number.MAX_SAFE_INTEGER,
    });
    assert.equal((await peer.next("history")).id, 2 ** 31 - 1);
  });

  test("[REFUSE-56] seq begins at 1, and afterSeq lies before it", async (t) => {
    const { port, log } = await startParlor(t);
    const peer = await Peer.join(t, port);
    for (const seq of ["0", "-1", "1.5", "9007199254740992"]) {
      peer.sendText(`{"type":"publish","room":"lobby","seq":${seq},"body":1}`);
      const answer = await peer.any();
      assert.ok(answer.type === "refused" || answer.type === "error");
      assert.equal(answer.code, "bad-frame", seq);
      assert.equal(answer.seq, Number(seq));
    }
    for (const seq of ['"1"', "null", "1e400", "[1]"]) {
      const error = await peer.errorTo(`{"type":"publish","room":"lobby","seq":${seq},"body":1}`);
      assert.deepEqual([error.code, error.to, error.room], ["bad-frame", "publish", "lobby"], seq);
    }
    peer.send({ type: "publish", room: "lobby", seq: 1, afterSeq: 1, body: 1 });
    assert.equal((await peer.next("refused")).code, "bad-frame");
    assert.equal((await log.head("lobby")).head, 0);
  });

  test("[REFUSE-57] a number beyond IEEE doubles and nesting beyond 100 are bad-frame, with the path (B37)", async (t) => {
    const { port, log } = await startParlor(t);
    const peer = await Peer.join(t, port);
    const publish = (body: string): string => `{"type":"publish","room":"lobby","seq":1,"body":${body}}`;
    peer.sendText(publish('{"a":[1,{"b":-1e999}]}'));
    const number = await peer.next("refused");
    assert.equal(number.code, "bad-frame");
    assert.match(number.message, /body\.a\[1\]\.b/);
    for (const depth of [100, 1_000, 100_000]) {
      peer.sendText(publish("[".repeat(depth) + "]".repeat(depth)));
      assert.equal((await peer.next("refused")).code, "bad-frame", `depth ${depth}`);
    }
    peer.sendText(publish('{"a":'.repeat(40_000) + "1" + "}".repeat(40_000)));
    assert.equal((await peer.next("refused")).code, "bad-frame");
    assert.equal((await log.head("lobby")).head, 0);
    // The frame's own object is the first level, so a body may have 99.
    peer.sendText(publish("[".repeat(99) + "]".repeat(99)));
    await peer.next("ack");
  });
});

describe("texts", () => {
  test("[FRAME-50] bodies come back as they were: NUL, U+2028, lone surrogates, twins of one letter (B37)", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    const bodies = [
      "\u0000",
      "a\u2028b\u2029c",
      "\ud800",
      "\udc00x",
      "\u00e9",
      "e\u0301",
      "👩‍👩‍👧",
      "\r\n\t",
      "",
      null,
    ];
    await peer.subscribe("lobby");
    for (const [index, body] of bodies.entries())
      peer.send({ type: "publish", room: "lobby", seq: index + 1, body });
    const got: unknown[] = [];
    while (got.length < bodies.length) {
      const { messages } = await peer.find("messages");
      got.push(...messages.map((message) => message.body));
    }
    assert.deepEqual(got, bodies);
  });

  test("[FRAME-51] of a member that is there twice the last one counts (B37)", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    peer.sendText('{"type":"publish","room":"one","room":"two","seq":9,"seq":1,"body":1}');
    assert.deepEqual(await peer.next("ack"), { type: "ack", room: "two", seq: 1, offset: 1 });
  });

  test("[FRAME-52] several frames in one segment are several frames", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    peer.send({ type: "ping" }, { type: "pong" }, { type: "ping" }, { type: "nonsense" }, { type: "ping" });
    const types = [];
    for (let i = 0; i < 4; i++) types.push((await peer.any()).type);
    assert.deepEqual(types, ["pong", "pong", "error", "pong"]);
  });
});

describe("room names", () => {
  test("[ROOM-50] what is no name is bad-room in every frame, told with the name, and stored nowhere (B37)", async (t) => {
    const { port, log } = await startParlor(t);
    const peer = await Peer.join(t, port);
    const names = [
      "",
      ".",
      "..",
      "a\u0000b",
      "line\nbreak",
      "\u007f",
      "\u0085",
      "\ud800",
      "e\u0301",
      "x".repeat(129),
      "é".repeat(65),
      "x".repeat(300),
      "x".repeat(200_000),
    ];
    for (const room of names) {
      const shown = JSON.stringify(room).slice(0, 40);
      for (const frame of [
        { type: "subscribe", room },
        { type: "unsubscribe", room },
        { type: "history", id: 1, room },
      ]) {
        const error = await peer.errorTo(JSON.stringify(frame));
        assert.deepEqual([error.code, error.to, error.room], ["bad-room", frame.type, room], shown);
      }
      peer.send({ type: "publish", room, seq: 1, body: 1 });
      const refused = await peer.next("refused");
      assert.deepEqual([refused.code, refused.room, refused.seq], ["bad-room", room, 1], shown);
    }
    for (const room of ["null", "7", "true", "[]", '{"toString":1}']) {
      const error = await peer.errorTo(`{"type":"subscribe","room":${room}}`);
      assert.ok(["bad-room", "bad-frame"].includes(error.code), room);
    }
    assert.deepEqual(await log.rooms("", 10), []);
  });

  test("[ROOM-51] whatever is a name is its own room, however strange, and never another one (B37)", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    const names = [
      "x".repeat(128),
      "é".repeat(64),
      "...",
      "%2e%2e",
      "..%2f",
      "a/b",
      "a%2Fb",
      "con",
      "CON",
      " ",
      "~",
      "'; drop table rooms; --",
      "__proto__",
      "constructor",
      "toString",
      "Ａ",
      "A",
      "🙂",
      "مرحبا",
    ];
    for (const room of names) await peer.publish(room, 1, room);
    for (const room of names) {
      const { head, after } = await peer.subscribe(room, { last: 500 });
      assert.deepEqual([head, after], [1, 0], room);
      const { messages } = await peer.next("messages");
      assert.deepEqual(
        messages.map((message) => message.body),
        [room],
      );
    }
  });

  test("[ROOM-52] twins of one name in NFC and NFD never share data: the second is refused (B37)", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    await peer.publish("caf\u00e9", 1, "composed");
    const error = await peer.errorTo(JSON.stringify({ type: "subscribe", room: "cafe\u0301", last: 5 }));
    assert.equal(error.code, "bad-room");
    assert.match(error.message, /NFC/);
  });

  test("[ROOM-53] a room of the server is read by its identity and written by nobody", async (t) => {
    const { port, parlor } = await startParlor(t);
    const ada = await Peer.join(t, port);
    const bob = await Peer.join(t, port);
    await parlor.room(`@${ada.identity}`).publish("for Ada");
    const own = `@${ada.identity}`;
    assert.equal((await bob.errorTo(JSON.stringify({ type: "subscribe", room: own }))).code, "forbidden");
    assert.equal(
      (await bob.errorTo(JSON.stringify({ type: "history", id: 1, room: own }))).code,
      "forbidden",
    );
    assert.equal(
      (await bob.errorTo(JSON.stringify({ type: "subscribe", room: "@server" }))).code,
      "forbidden",
    );
    for (const peer of [ada, bob]) {
      peer.send({ type: "publish", room: own, seq: 1, body: "forged" });
      assert.equal((await peer.next("refused")).code, "forbidden");
    }
    await ada.subscribe(own, { last: 5 });
    const { messages } = await ada.next("messages");
    assert.deepEqual(
      messages.map(({ from, body }) => [from, body]),
      [["@server", "for Ada"]],
    );
  });
});

describe("subscribing in odd ways", () => {
  test("[CHAIN-50] two subscribes to one room are two chains one after the other, and each message comes once", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    await peer.publish("lobby", 1, "one");
    peer.send({ type: "subscribe", room: "lobby" }, { type: "subscribe", room: "lobby", last: 1 });
    const frames = [];
    for (;;) {
      const frame = await peer.any();
      if (frame.type === "messages") {
        assert.equal(frame.after, 0);
        break;
      }
      frames.push(frame.type);
    }
    assert.ok(frames.every((type) => type === "subscribed") && frames.length >= 1 && frames.length <= 2);
    peer.send({ type: "publish", room: "lobby", seq: 2, body: "two" });
    // The message and its ack are of one commit; which is told first is not said.
    const told = [await peer.any(), await peer.any()];
    assert.deepEqual(told.map((frame) => frame.type).sort(), ["ack", "messages"]);
    assert.deepEqual(await peer.untilPong(), []);
  });

  test("[CHAIN-51] unsubscribing from a room that one is not in is answered and harmless", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    peer.send({ type: "unsubscribe", room: "elsewhere" });
    assert.deepEqual(await peer.next("unsubscribed"), { type: "unsubscribed", room: "elsewhere" });
    await peer.subscribe("lobby");
    peer.send({ type: "unsubscribe", room: "lobby" }, { type: "publish", room: "lobby", seq: 1, body: 1 });
    await peer.next("unsubscribed");
    await peer.next("ack");
    assert.deepEqual(await peer.untilPong(), []);
  });

  test("[GROW-50] one room more than maxRooms is too-many-rooms, and one given back is a place again", async (t) => {
    const { port } = await startParlor(t, { maxRooms: 2 });
    const peer = await Peer.join(t, port);
    await peer.subscribe("a");
    await peer.subscribe("b");
    const error = await peer.errorTo('{"type":"subscribe","room":"c"}');
    assert.deepEqual([error.code, error.to, error.room], ["too-many-rooms", "subscribe", "c"]);
    await peer.subscribe("a", { last: 1 });
    peer.send({ type: "unsubscribe", room: "a" });
    await peer.next("unsubscribed");
    await peer.subscribe("c");
  });
});
