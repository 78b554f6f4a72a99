import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { Authenticate, Authorize } from "@parlor/server";
import { startAbused, type AbusedServer } from "../support/abused-server.ts";
import { answerFrames, helloFrame, NDJSON, postFrames } from "../support/exchange.ts";
import { Peer, TextSocket } from "../support/peer.ts";
import { assertAnswers } from "../support/rest.ts";
import { within } from "../support/within.ts";

const SECRET = "what only the den may read";
const OWN = "what the lobby says";
const SENTINEL = "the end of the reading";

/** A cursor as a peer may write it: anything. */
interface Cursor {
  readonly epoch?: string;
  readonly after: number;
}

/** Everything that a text socket is told up to the sentinel. */
async function untilSentinel(socket: TextSocket): Promise<string> {
  let told = "";
  while (!told.includes(SENTINEL)) told += await socket.texts.next();
  return told;
}

/** What each road tells somebody who reads `room` behind `cursor`, as the text of its answer. */
const ROADS: Readonly<
  Record<string, (t: TestContext, server: AbusedServer, room: string, cursor: Cursor) => Promise<string>>
> = {
  websocket: async (t, { port, parlor }, room, cursor) => {
    const peer = await Peer.join(t, port);
    peer.send({ type: "subscribe", room, ...cursor }, { type: "history", id: 1, room, before: cursor.after });
    await peer.find("history");
    await parlor.room(room).publish(SENTINEL);
    return untilSentinel(peer.socket);
  },
  plain: async (t, { port, parlor }, room, { after }) => {
    const url = `ws://127.0.0.1:${port}/rooms/${room}?after=${after}`;
    const socket = await TextSocket.open(t, url);
    await parlor.room(room).publish(SENTINEL);
    return untilSentinel(socket);
  },
  stream: async (_t, { origin, parlor }, room, cursor) => {
    await parlor.room(room).publish(SENTINEL);
    const response = await postFrames(`${origin}/connect/stream`, [
      helloFrame(),
      { type: "subscribe", room, ...cursor },
    ]);
    return readUntil(response, SENTINEL);
  },
  poll: async (_t, { origin }, room, cursor) => {
    const frames = [helloFrame(), { type: "subscribe", room, ...cursor }];
    return JSON.stringify(await answerFrames(await postFrames(`${origin}/connect/poll?wait=0`, frames)));
  },
  send: async (_t, { origin }, room, { after }) => {
    const frames = [helloFrame(), { type: "history", id: 1, room, before: after }];
    return JSON.stringify(await answerFrames(await postFrames(`${origin}/connect/send`, frames)));
  },
  rest: async (_t, { origin }, room, { after }) =>
    (await fetch(`${origin}/rooms/${room}/messages?after=${after}`)).text(),
  feed: async (_t, { origin, parlor }, room, { epoch, after }) => {
    await parlor.room(room).publish(SENTINEL);
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (epoch !== undefined) headers["last-event-id"] = `${epoch}:${after}`;
    const query = epoch === undefined ? `?after=${after}` : "";
    return readUntil(await fetch(`${origin}/rooms/${room}/messages${query}`, { headers }), SENTINEL);
  },
};

async function readUntil(response: Response, end: string): Promise<string> {
  assert.equal(response.status, 200);
  const decoder = new TextDecoder();
  let told = "";
  const reading = (async () => {
    for await (const chunk of response.body ?? []) {
      told += decoder.decode(chunk as Uint8Array, { stream: true });
      if (told.includes(end)) break;
    }
  })();
  await within(reading, () => `${end}; this came: ${told}`);
  return told;
}

async function withTwoRooms(server: AbusedServer): Promise<string> {
  const { epoch } = await server.parlor.room("den").publish(SECRET);
  for (let i = 0; i < 9; i++) await server.parlor.room("den").publish(SECRET);
  for (let i = 0; i < 2; i++) await server.parlor.room("lobby").publish(OWN);
  return epoch;
}

describe("a cursor that is somebody else's", () => {
  for (const [road, read] of Object.entries(ROADS)) {
    test(`[ABUSE-30] one of another room, of the future or of another history gives nothing of any other room: ${road} (B47)`, async (t) => {
      const server = await startAbused(t);
      const epoch = await withTwoRooms(server);
      for (const cursor of [
        { after: 1 },
        { epoch, after: 1 },
        { epoch, after: 7 },
        { epoch, after: Number.MAX_SAFE_INTEGER },
        { after: Number.MAX_SAFE_INTEGER },
        { epoch: "another", after: 1 },
        { epoch: "__proto__", after: 0 },
      ]) {
        const told = await read(t, server, "lobby", cursor);
        assert.ok(!told.includes(SECRET), `${JSON.stringify(cursor)}: ${told}`);
      }
      await server.assertUnharmed();
    });
  }

  test("[ABUSE-30] what is no cursor is refused on every road, by its code and in words (B47, B37)", async (t) => {
    const server = await startAbused(t);
    await withTwoRooms(server);
    const { origin, port } = server;
    const peer = await Peer.join(t, port);
    const room = `${origin}/rooms/lobby/messages`;
    for (const after of ["-1", "1.5", "1e400", "9007199254740992", '"1"', "null", "[1]", '"٣"', "true"]) {
      const subscribe = `{"type":"subscribe","room":"lobby","after":${after}}`;
      assert.equal((await peer.errorTo(subscribe)).code, "bad-frame", after);
      const polled = await answerFrames(
        await fetch(`${origin}/connect/poll?wait=0`, {
          method: "POST",
          headers: NDJSON,
          body: `${JSON.stringify(helloFrame())}\n${subscribe}`,
        }),
      );
      assert.deepEqual(
        polled.map((frame) => (frame.type === "error" ? frame.code : frame.type)),
        ["welcome", "bad-frame"],
        after,
      );
    }
    for (const after of [
      "-1",
      "1.5",
      "1e3",
      "9007199254740992",
      "",
      "null",
      "%D9%A3",
      "+1",
      " 1",
      "0x1",
      "1,2",
    ]) {
      await assertAnswers(await fetch(`${room}?after=${encodeURI(after)}`), 400, "bad-frame");
      const headers = { accept: "text/event-stream" };
      await assertAnswers(await fetch(`${room}?after=${encodeURI(after)}`, { headers }), 400, "bad-frame");
    }
    await server.assertUnharmed();
  });

  test("[ABUSE-31] who may not read a room is told so with whatever cursor, and an identity that is over gets nothing (B47, O13)", async (t) => {
    const authenticate: Authenticate = ({ token }) => {
      if (token === null) return { code: "unauthenticated", message: "Log in first." };
      if (token === "old") return { code: "expired", message: "That was long ago." };
      return { identity: token };
    };
    const authorize: Authorize = ({ identity, room }) => room !== "den" || identity === "ada";
    const server = await startAbused(t, { authenticate, authorize });
    const epoch = await withTwoRooms(server);
    const { origin, port } = server;
    const bob = await Peer.join(t, port, { token: "bob" });
    const room = `${origin}/rooms/den/messages`;
    for (const cursor of [{}, { after: 0 }, { epoch, after: 3 }, { epoch: "x", after: 99 }, { last: 10 }]) {
      const subscribe = { type: "subscribe", room: "den", ...cursor };
      assert.equal((await bob.errorTo(JSON.stringify(subscribe))).code, "forbidden");
      for (const [token, status, code] of [
        ["bob", 200, "forbidden"],
        ["old", 401, "expired"],
      ] as const) {
        const hello = helloFrame({ token, key: undefined });
        const response = await postFrames(`${origin}/connect/poll?wait=0`, [hello, subscribe]);
        const text = await response.text();
        assert.equal(response.status, status, text);
        assert.ok(text.includes(`"code":"${code}"`) && !text.includes(SECRET), text);
      }
    }
    for (const query of ["", "?after=0", "?before=5", "?limit=500&related=true"]) {
      for (const accept of ["application/json", "text/event-stream"]) {
        const of = (token: string): Promise<Response> =>
          fetch(
            query.includes("after") ? room + query : room + (accept === "application/json" ? query : ""),
            {
              headers: { accept, authorization: `Bearer ${token}`, "last-event-id": `${epoch}:1` },
            },
          );
        await assertAnswers(await of("bob"), 403, "forbidden");
        await assertAnswers(await of("old"), 401, "expired");
      }
    }
    const url = `ws://127.0.0.1:${port}/rooms/den?after=1`;
    const plain = await TextSocket.open(t, url, [], { headers: { authorization: "Bearer bob" } });
    assert.deepEqual((await plain.json())["messages"], []);
    assert.deepEqual(plain.texts.untaken, []);
    await server.assertUnharmed();
  });
});
