import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { msgpack } from "@parlor/msgpack";
import { roomSignals, roomState, type ClientOptions } from "../src/index.ts";
import { collect, connect, RealServer, stateOf } from "./real-server.ts";
import { overHttp } from "./over-http.ts";

const BYTES = Uint8Array.from({ length: 300 }, (_, i) => i);

/** What JSON alone could not tell apart, beside what it can. */
const BODIES: readonly unknown[] = [
  BYTES,
  new Uint8Array(),
  { name: "a.png", data: BYTES, parts: [new Uint8Array([1]), "text", null] },
  { $bytes: "AQID" },
  { $bytes: 5 },
  { $$bytes: { $bytes: "" } },
  { $bytes: "AQID", more: true },
  JSON.parse('{"__proto__":{"$bytes":"AQID"},"$__proto__":1}'),
  "text",
  [0.1, -1, 2 ** 53, 1e300, true, null],
];

const WAYS: Readonly<Record<string, (base: string) => ClientOptions>> = {
  "JSON on a WebSocket": () => ({ transports: ["websocket"] }),
  "MessagePack on a WebSocket": () => ({ transports: ["websocket"], encoding: msgpack }),
  "a stream": (base) => ({ transport: overHttp("stream", base) }),
  "a poll": (base) => ({ transport: overHttp("poll", base) }),
};

describe("a client with an encoding", () => {
  test("[BINARY-2] speaks JSON with a server that does not know it", async (t) => {
    const server = await new RealServer(t).start();
    const offers: string[][] = [];
    /** To the server it offers only what every server of this version knows. */
    class OlderServer extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols.slice(1));
        offers.push(protocols);
      }
    }
    const client = connect(t, server.url, {
      encoding: msgpack,
      webSocket: OlderServer,
      transports: ["websocket"],
    });
    const room = client.room("files");
    const heard = collect(room);
    room.subscribe({ last: 50 });
    await room.publish({ data: BYTES });
    await heard.until(1);
    assert.deepEqual(heard.bodies, [{ data: BYTES }]);
    assert.deepEqual(offers, [["parlor.v1.msgpack", "parlor.v1"]]);
  });

  test("[BINARY-3] comes back where what it is sent is not the form that both speak", async (t) => {
    const server = await new RealServer(t).start();
    const sockets: WebSocket[] = [];
    class Watched extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    }
    const client = connect(t, server.url, {
      encoding: msgpack,
      webSocket: Watched,
      transports: ["websocket"],
    });
    const room = client.room("files");
    const heard = collect(room);
    room.subscribe({ last: 50 });
    await room.publish(1);
    const strays = [
      '{"type":"ping"}',
      new Uint8Array([0xc1]).buffer,
      new Uint8Array([0xdd, 255, 255, 255, 255]).buffer,
    ];
    for (const data of strays) {
      sockets.at(-1)?.dispatchEvent(new MessageEvent("message", { data }));
      await stateOf(client, "waiting");
      await stateOf(client, "open");
    }
    await room.publish(2);
    await heard.until(2);
    assert.equal(sockets.length, 4);
  });

  test("[BYTES-5] [BYTES-7] a body that is too large, or bytes in another view, is refused at once", async (t) => {
    const server = await new RealServer(t).start();
    const room = connect(t, server.url, { encoding: msgpack }).room("files");
    await room.publish(new Uint8Array(49_142));
    await assert.rejects(room.publish(new Uint8Array(49_143)), { code: "too-large" });
    await assert.rejects(room.publish({ data: new Float32Array(4) }), { code: "bad-frame" });
    await assert.rejects(room.publish(new ArrayBuffer(4)), { code: "bad-frame" });
  });
});

for (const [way, optionsOf] of Object.entries(WAYS)) {
  describe(`bytes over ${way}`, () => {
    test("[BYTES-1] bodies of messages arrive as they were published, for every other client, in the history and on the server", async (t) => {
      const server = await new RealServer(t).start();
      const room = connect(t, server.url, optionsOf(server.url)).room("files");
      const others = Object.values(WAYS).map((other) =>
        connect(t, server.url, other(server.url)).room("files"),
      );
      const heard = [room, ...others].map((each) => {
        each.subscribe({ last: 50 });
        return collect(each);
      });
      for (const body of BODIES) await room.publish(body);
      for (const each of heard) {
        await each.until(BODIES.length);
        assert.deepEqual(each.bodies, BODIES);
      }
      const page = await room.history();
      assert.deepEqual(
        page.messages.map(({ body }) => body),
        BODIES,
      );
      const { messages } = await server.parlor.room("files").read();
      assert.deepEqual(
        messages.map(({ body }) => body),
        BODIES,
      );
      await server.parlor.room("files").publish({ from: "the server", data: BYTES });
      for (const each of heard) {
        await each.until(BODIES.length + 1);
        assert.deepEqual(each.bodies.at(-1), { from: "the server", data: BYTES });
      }
    });

    test("[BYTES-2] so do values of state, signals, the parameters and the results of requests, and what hooks are asked", async (t) => {
      const asked: unknown[] = [];
      const server = await new RealServer(t).start({
        authorize: ({ action, body }) => {
          if (action !== "subscribe") asked.push(body);
          return true;
        },
        requests: { echo: ({ params }) => ({ params, isBytes: params instanceof Uint8Array }) },
      });
      const client = connect(t, server.url, optionsOf(server.url));
      const room = client.room("things");
      const mine = roomState(room);
      const other = connect(t, server.url, { encoding: msgpack }).room("things");
      const theirs = roomState(other);
      const signals = roomSignals(other);
      room.subscribe();
      other.subscribe();
      await mine.set("data", BYTES);
      await mine.set("$bytes", "AQID");
      while (theirs.values.size < 2)
        await new Promise<void>((resolve) => theirs.on("change", () => resolve()));
      assert.deepEqual(
        theirs.values,
        new Map<string, unknown>([
          ["data", BYTES],
          ["$bytes", "AQID"],
        ]),
      );
      assert.deepEqual((await server.parlor.room("things").state()).get("data"), BYTES);

      assert.deepEqual(await client.request("echo", BYTES), { params: BYTES, isBytes: true });

      const signalled = new Promise((resolve) => signals.on("signal", ({ body }) => resolve(body)));
      const onServer = new Promise<unknown>((resolve) => {
        void server.parlor.room("things").onSignal(({ body }) => resolve(body));
      });
      await stateOf(client, "open");
      assert.ok(roomSignals(room).signal({ data: BYTES }));
      assert.deepEqual(await signalled, { data: BYTES });
      assert.deepEqual(await onServer, { data: BYTES });
      assert.deepEqual(asked, [BYTES, "AQID", BYTES, { data: BYTES }]);
    });
  });
}
