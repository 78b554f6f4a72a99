import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { randomInteger, randomItem, seededRandom, testSeed } from "./seeded-random.ts";
import { TcpProxy, type Direction } from "./tcp-proxy.ts";

/** One end of a connection, and each read that it made. */
class End {
  readonly socket: Socket;
  readonly reads: Buffer[] = [];
  #check = (): void => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => {
      this.reads.push(bytes);
      this.#check();
    });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.reads);
  }

  async until(byteCount: number): Promise<void> {
    if (this.bytes.length >= byteCount) return;
    await new Promise<void>((resolve) => {
      this.#check = () => {
        if (this.bytes.length >= byteCount) resolve();
      };
    });
  }
}

interface Ends {
  readonly proxy: TcpProxy;
  readonly sender: End;
  readonly receiver: End;
}

/** A connection through a proxy; who sends is at the end where the direction begins. */
async function connected(t: TestContext, direction: Direction = "to-server"): Promise<Ends> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await TcpProxy.listen((server.address() as AddressInfo).port);
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const client = new End(connect(proxy.port, "127.0.0.1"));
  const far = new End((await accepted)[0]);
  t.after(async () => {
    for (const { socket } of [client, far]) socket.destroy();
    await proxy[Symbol.asyncDispose]();
    server.close();
  });
  const isUp = direction === "to-server";
  return { proxy, sender: isUp ? client : far, receiver: isUp ? far : client };
}

const TEXT = "0123456789".repeat(20);

describe("TcpProxy, where writes are cut and gathered", { timeout: 30_000 }, () => {
  for (const direction of ["to-server", "to-client"] as const) {
    test(`[KIT-2] split at one byte ${direction}, the receiver reads byte by byte`, async (t) => {
      const { proxy, sender, receiver } = await connected(t, direction);
      proxy.split(1, direction);
      sender.socket.write(TEXT);
      await receiver.until(TEXT.length);
      assert.equal(receiver.bytes.toString(), TEXT);
      assert.ok(receiver.reads.length > TEXT.length / 2, `${receiver.reads.length} reads`);
    });

    test(`[KIT-2] coalesced ${direction}, what was written in many turns is one read`, async (t) => {
      const { proxy, sender, receiver } = await connected(t, direction);
      proxy.coalesce({ holdMs: 25_000, untilBytes: TEXT.length }, direction);
      for (const letter of TEXT) {
        sender.socket.write(letter);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await receiver.until(TEXT.length);
      assert.deepEqual(receiver.reads.map(String), [TEXT]);
    });
  }

  test("[KIT-2] pieces have the sizes that were asked for, from one write to the next", async (t) => {
    const { proxy, sender, receiver } = await connected(t);
    const sizes = [3, 1, 40, 7];
    const given: number[] = [];
    proxy.split(() => {
      given.push(sizes[given.length % sizes.length] as number);
      return given.at(-1) as number;
    });
    sender.socket.write(TEXT);
    await receiver.until(TEXT.length);
    const ends = (lengths: readonly number[]): Set<number> => {
      let at = 0;
      return new Set(lengths.map((length) => (at += length)));
    };
    const asked = ends(given);
    assert.equal(given.length, 16);
    for (const end of ends(receiver.reads.map(({ length }) => length))) {
      assert.ok(asked.has(end) || end === TEXT.length, `a read ended at ${end}`);
    }
  });

  test("[KIT-2] bytes that are held leave when the first has waited long enough, and at once with the end", async (t) => {
    const { proxy, sender, receiver } = await connected(t);
    proxy.coalesce({ holdMs: 20 });
    sender.socket.write("waits");
    await receiver.until(5);
    proxy.coalesce({ holdMs: 25_000 });
    sender.socket.write("held, ");
    sender.socket.end("and the end");
    await once(receiver.socket, "end");
    assert.equal(receiver.bytes.toString(), "waitsheld, and the end");
  });

  test("[KIT-2] what was split and held flows as it comes once that is ended", async (t) => {
    const { proxy, sender, receiver } = await connected(t);
    proxy.coalesce({ holdMs: 25_000 });
    proxy.split(1);
    sender.socket.write(TEXT);
    // Long enough for the bytes to be in the proxy; where they were not, they were never held.
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(receiver.reads.length, 0);
    proxy.split(Infinity);
    proxy.coalesce(null);
    await receiver.until(TEXT.length);
    assert.deepEqual(receiver.reads.map(String), [TEXT]);
  });

  test("[KIT-2] a sender whose bytes are held is slowed down in time, and nobody waits for ever", async (t) => {
    const { proxy, sender, receiver } = await connected(t);
    const much = 8 * 1_048_576;
    proxy.coalesce({ holdMs: 25_000 });
    sender.socket.write(Buffer.alloc(much));
    sender.socket.end();
    await receiver.until(much);
    assert.equal(receiver.bytes.length, much);
  });

  test("[KIT-2] a piece has one byte at least", async (t) => {
    const { proxy, sender, receiver } = await connected(t);
    const sizes = [0, -7, NaN, 0.5];
    let asked = 0;
    proxy.split(() => sizes[asked++ % sizes.length] as number);
    sender.socket.write(TEXT);
    await receiver.until(TEXT.length);
    assert.deepEqual([receiver.bytes.toString(), asked], [TEXT, TEXT.length]);
  });

  test("[KIT-2] bytes can't be held for ever", async (t) => {
    const { proxy } = await connected(t);
    for (const holdMs of [Infinity, NaN, -1]) assert.throws(() => proxy.coalesce({ holdMs }), RangeError);
  });

  test("[KIT-1] whatever a network is told in the middle of it, every byte arrives once and in order, and then the end", async (t) => {
    const seed = testSeed();
    t.diagnostic(`seed ${seed}`);
    const random = seededRandom(seed);
    const both = await connected(t);
    const { proxy } = both;
    const tell: readonly (() => void)[] = [
      () => proxy.split(1),
      () => proxy.split(() => randomInteger(random, 0, 300)),
      () => proxy.split(Infinity, "to-client"),
      () =>
        proxy.coalesce({ holdMs: randomInteger(random, 0, 5), untilBytes: randomInteger(random, 0, 900) }),
      () => proxy.coalesce(null, "to-server"),
      () => proxy.delay(randomInteger(random, 0, 4)),
      () => proxy.throttle(1_000_000),
      () => proxy.throttle(Infinity),
      () => proxy.pause(),
      () => proxy.resume(),
    ];
    const said = [both.sender, both.receiver].map(() => [] as Buffer[]);
    for (let step = 0; step < 400; step++) {
      randomItem(random, tell)();
      for (const [index, { socket }] of [both.sender, both.receiver].entries()) {
        const bytes = Buffer.from(`${step}:${"x".repeat(randomInteger(random, 0, 400))};`);
        said[index]?.push(bytes);
        socket.write(bytes);
      }
      if (random() < 0.3) await new Promise((resolve) => setImmediate(resolve));
    }
    proxy.resume();
    proxy.throttle(Infinity);
    const ended = [both.sender, both.receiver].map(({ socket }) => once(socket, "end"));
    for (const { socket } of [both.sender, both.receiver]) socket.end();
    await Promise.all(ended);
    assert.deepEqual(both.receiver.bytes.toString(), Buffer.concat(said[0] ?? []).toString());
    assert.deepEqual(both.sender.bytes.toString(), Buffer.concat(said[1] ?? []).toString());
  });
});
