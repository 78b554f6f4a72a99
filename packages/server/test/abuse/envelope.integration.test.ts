import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SqliteLog } from "@parlor/log";
import { OPCODES, RawSocketPeer } from "@parlor/testkit";
import { startAbused } from "../support/abused-server.ts";
import { freshKey, Peer, TextSocket } from "../support/peer.ts";
import { temporaryFolder } from "../support/sqlite-folder.ts";

/** What each text is answered with, in the members that matter. */
type Answered = readonly [what: string, text: string, answer: Record<string, unknown>];

const bad = (message: string, members: object = {}): Record<string, unknown> => ({
  type: "error",
  code: "bad-frame",
  message,
  ...members,
});
const NOT_JSON = bad("The frame is not valid JSON.");
const NO_OBJECT = bad("A frame is a JSON object with a `type`.");
const NO_TYPE = bad("`type` is missing or not a string.");
const UNKNOWN = "No frame of that type is known here.";
const HELLO_FIRST = "The first frame of a connection is `hello`.";

describe("the inputs that stress other servers", () => {
  test("[ABUSE-10] each has one exact answer, and the connection lives on (B36)", async (t) => {
    const server = await startAbused(t);
    const peer = await Peer.knock(t, server.port);
    const ask = async (answers: readonly Answered[]): Promise<void> => {
      for (const [what, text, answer] of answers) {
        peer.sendText(text);
        assert.deepEqual(await peer.any(), answer, what);
      }
    };
    await ask([
      ["garbage before hello", "\u0001garbage", NOT_JSON],
      ["an array before hello", '[{"type":"hello"}]', NO_OBJECT],
      [
        "a command before hello",
        '{"type":"subscribe","room":"lobby"}',
        { type: "error", to: "subscribe", room: "lobby", code: "hello-first", message: HELLO_FIRST },
      ],
    ]);
    peer.sendText('{"type":"pong"}');
    const key = freshKey();
    await peer.hello({ key });
    const first = { room: "lobby", epoch: "", after: 0, head: 0, earliest: 1, lost: null, skipped: null };
    const id = "`id` is a whole number from 1 to 2147483647.";
    await ask([
      [
        "a second hello",
        JSON.stringify({ type: "hello", version: 1, key, producer: "producer-2" }),
        bad("`hello` comes once.", { to: "hello" }),
      ],
      ["no id", '{"type":"history","room":"lobby"}', bad(id, { to: "history", room: "lobby" })],
      [
        "the largest id of others",
        '{"type":"history","id":4294967295,"room":"lobby"}',
        bad(id, { to: "history", room: "lobby", id: 4294967295 }),
      ],
      [
        "an unknown method",
        '{"type":"rpc","method":"constructor"}',
        { type: "error", to: "rpc", code: "unknown-frame", message: UNKNOWN },
      ],
      ["truncated JSON", '{"type":"subscribe","room":"lob', NOT_JSON],
      ["several in one text", '{"type":"ping"}\n{"type":"ping"}', NOT_JSON],
      [
        "an empty room",
        '{"type":"subscribe","room":""}',
        {
          type: "error",
          to: "subscribe",
          room: "",
          code: "bad-room",
          message: "`room` is refused: a room's name is not empty.",
        },
      ],
      [
        "a room of 300 characters",
        `{"type":"subscribe","room":"${"x".repeat(300)}"}`,
        {
          type: "error",
          to: "subscribe",
          room: "x".repeat(300),
          code: "bad-room",
          message: "`room` is refused: a room's name has at most 128 bytes of UTF-8.",
        },
      ],
      [
        "unsubscribing from nothing",
        '{"type":"unsubscribe","room":"lobby"}',
        { type: "unsubscribed", room: "lobby" },
      ],
    ]);
    peer.sendText('{"type":"pong"}');
    const { epoch, ...once } = await peer.subscribe("lobby");
    const { epoch: again, ...twice } = await peer.subscribe("lobby");
    assert.deepEqual(
      [{ ...once, epoch: "" }, { ...twice, epoch: "" }, again],
      [{ type: "subscribed", ...first }, { type: "subscribed", ...first }, epoch],
    );
    peer.send({ type: "publish", room: "lobby", seq: 1, body: "once" });
    assert.deepEqual([(await peer.any()).type, (await peer.any()).type].sort(), ["ack", "messages"]);
    assert.deepEqual(await peer.untilPong(), [], "a double subscription hears once");
    await server.assertUnharmed();
  });
});

describe("other protocols' envelopes", () => {
  test("[ABUSE-11] are no frames, whatever they claim to hold, and nothing waits for what they announce (B30, B31, B32, B33, B34, B35)", async (t) => {
    const server = await startAbused(t);
    const peer = await Peer.join(t, server.port);
    const texts: readonly Answered[] = [
      ["an event", '42["message","x"]', NOT_JSON],
      ["an event whose name is no string", '42[{"toString":"x"},1]', NOT_JSON],
      ["a reserved event", '2["connect_error"]', NOT_JSON],
      ["an event as JSON", '["message",1]', NO_OBJECT],
      ["a billion attachments", '51000000000-["x",{"_placeholder":true,"num":0}]', NOT_JSON],
      ["half an attachment", '451.5-["x"]', NOT_JSON],
      ["no attachment", '450-["x"]', NOT_JSON],
      ["infinite attachments", '45Infinity-["x"]', NOT_JSON],
      ["a type that is an object", '{"type":{"toString":"ping"}}', NO_TYPE],
      ["a type that is a number", '{"type":2,"nsp":"/","data":["x"]}', NO_TYPE],
      ["many tiny packets", "4x\u001e".repeat(10_000), NOT_JSON],
      ["many tiny frames", `[${"{},".repeat(10_000)}{}]`, NO_OBJECT],
      [
        "a STOMP frame",
        "SUBSCRIBE\nid:0\ndestination:/topic/x\nselector:T(java.lang.Runtime)\n\n\0",
        NOT_JSON,
      ],
      ["an MQTT topic", '{"topic":"#"}', NO_TYPE],
      ["a Phoenix message", '["1","1","room:lobby","phx_join",{}]', NO_OBJECT],
      ["a SockJS array", 'a["x"]', NOT_JSON],
    ];
    for (const [what, text, answer] of texts) {
      peer.sendText(text);
      assert.deepEqual(await peer.any(), answer, what);
    }
    using raw = await RawSocketPeer.open({ port: server.port });
    raw.send({ type: "hello", version: 1, key: freshKey(), producer: "producer-1" });
    await raw.readJsonWith({ type: "welcome" });
    // msgpack: an array of 2^32 - 1 items, a map of as many, a text of as many bytes.
    for (const payload of [
      [0xdd, 255, 255, 255, 255],
      [0xdf, 255, 255, 255, 255],
      [0xdb, 255, 255, 255, 255, 1],
    ]) {
      raw.sendFrame({ opcode: OPCODES.binary, payload: Uint8Array.from(payload) });
      const error = (await raw.readJson()) as Record<string, unknown>;
      assert.deepEqual(error, bad("A frame is a WebSocket text message; this one was binary."));
    }
    raw.send({ type: "ping" });
    assert.deepEqual(await raw.readJson(), { type: "pong" });
    await server.assertUnharmed();
  });

  test("[ABUSE-11] in a body they are data, and come back as they were (B30)", async (t) => {
    const server = await startAbused(t);
    const peer = await Peer.join(t, server.port);
    await peer.subscribe("lobby");
    const bodies = [
      { _placeholder: true, num: "splice" },
      { _placeholder: true, num: -1 },
      { $ref: "#/constructor", $where: "sleep(1000)", $gt: "" },
      { toJSON: "x", length: 4294967295, type: "hello", code: "internal" },
      { "@type": "java.lang.Runtime", "!!js/function": "function(){}" },
    ];
    for (const [i, body] of bodies.entries()) {
      peer.send({ type: "publish", room: "lobby", seq: i + 1, body });
      assert.deepEqual((await peer.find("messages")).messages[0]?.body, body);
    }
    await server.assertUnharmed();
  });
});

describe("what looks like code", () => {
  test("[ABUSE-12] is text wherever it stands: in names, keys, bodies, parameters and headers, on a log of SQL (B22)", async (t) => {
    const log = await SqliteLog.open({ folder: await temporaryFolder(t) });
    const server = await startAbused(t, { log });
    const { port, origin } = server;
    const codes = [
      "'; DROP TABLE messages; --",
      '" OR 1=1 --',
      "x') UNION SELECT * FROM producers --",
      "%' ESCAPE '!_",
      "T(java.lang.Runtime).getRuntime().exec('id')",
      "${7*7}{{7*7}}<%= 7*7 %>#{7*7}",
      "$(id)`id`|id;id",
      '{"$ne":null}',
      "() => process.exit(1)",
      "../../../../etc/passwd",
      "%{#context['x']}",
      "</script><script>alert(1)</script>",
    ];
    for (const [i, code] of codes.entries()) {
      const peer = await Peer.join(t, port, { key: code.padEnd(30, ".").slice(0, 64) });
      assert.equal((await peer.publish(code, 1, { [code]: code })).offset, 1, code);
      const url = `${origin}/rooms/${encodeURIComponent(code)}/messages`;
      const post = {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": code },
      };
      const stored = [];
      for (let n = 0; n < 2; n++) {
        stored.push(await (await fetch(url, { ...post, body: JSON.stringify(code) })).json());
      }
      assert.deepEqual(stored[0], stored[1]);
      const page = (await (await fetch(`${url}?filter=${encodeURIComponent(code)}`)).json()) as {
        messages: { body: unknown }[];
      };
      assert.deepEqual(
        page.messages.map(({ body }) => body),
        [{ [code]: code }, code],
      );
      const refused = await fetch(`${url}?limit=${encodeURIComponent(code)}`);
      assert.equal(refused.status, 400);
      const { error } = (await refused.json()) as { error: { message: string } };
      assert.equal(error.message, "`limit` is a whole number from 1 to 500.");
      const plain = await TextSocket.open(
        t,
        `ws://127.0.0.1:${port}/rooms/${encodeURIComponent(code)}?last=1`,
      );
      assert.deepEqual(await plain.json(), { messages: [code] });
      const rooms = (await log.rooms("", 100)).map(({ room }) => room);
      assert.deepEqual(rooms.filter((room) => codes.includes(room)).sort(), codes.slice(0, i + 1).sort());
    }
    await server.assertUnharmed();
  });
});
