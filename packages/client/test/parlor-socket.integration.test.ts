import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { blocksUpgrades, freePort, startProxy } from "@parlor/testkit";
import type { ParlorOptions } from "@parlor/server";
import { ParlorSocket, type ParlorSocketOptions } from "../src/parlor-socket/index.ts";
import { RealServer } from "./real-server.ts";

const SOON = () => 0.02;

/** A socket of a page, and all that its events said, in order. */
class Page {
  readonly socket: ParlorSocket;
  readonly events: string[] = [];
  readonly texts: string[] = [];
  readonly #checks = new Set<() => void>();

  constructor(t: TestContext, url: string, options: ParlorSocketOptions = {}) {
    this.socket = new ParlorSocket(url, [], { resume: [new URL(url).origin], random: SOON, ...options });
    for (const type of ["open", "error", "close", "interrupted", "resumed"]) {
      this.socket.addEventListener(type, (event: Event) => {
        const { code, wasClean } = event as CloseEvent;
        this.events.push(type === "close" ? `close ${code} ${wasClean}` : type);
        this.#check();
      });
    }
    this.socket.onmessage = ({ data }) => {
      const { messages, error, lost } = JSON.parse(data as string);
      this.texts.push(...messages);
      if (error !== undefined) this.events.push(`refused ${error.code}`);
      if (lost !== undefined) this.events.push("lost");
      this.#check();
    };
    t.after(() => this.socket.close());
  }

  /** Fulfils once that is so; asked behind every event. */
  until(isSo: (page: Page) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!isSo(this)) return;
        this.#checks.delete(check);
        resolve();
      };
      this.#checks.add(check);
      check();
    });
  }

  seen(event: string): Promise<void> {
    return this.until(({ events }) => events.includes(event));
  }

  /** Fulfils once the server has all that was sent. */
  async isSent(): Promise<void> {
    while (this.socket.bufferedAmount > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  #check(): void {
    for (const check of this.#checks) check();
  }
}

/** Whether the platform's own members take it for one of theirs. */
function isNative(socket: WebSocket): boolean {
  try {
    return Reflect.get(WebSocket.prototype, "url", socket) === socket.url;
  } catch {
    return false;
  }
}

test("[PSOCKET-1] where nothing says that it resumes there, it is the platform's own socket", async (t) => {
  const server = await new RealServer(t).start();
  const url = `${server.url.replace("http", "ws")}rooms/lobby`;
  const { origin } = new URL(url);
  await server.parlor.room("lobby").publish("hello");
  const others: readonly [string, string | string[] | undefined, ParlorSocketOptions | undefined][] = [
    [url, undefined, undefined],
    [url, [], { resume: ["wss://elsewhere.example", "http://127.0.0.1:1"] }],
    [`${server.url.replace("http", "ws")}connect`, "parlor.v1", { resume: [origin] }],
    [`${url}?last=no`, [], { resume: [origin] }],
    [`${url}/more`, [], { resume: [origin] }],
  ];
  for (const [address, protocols, options] of others) {
    const socket = new ParlorSocket(address, protocols, options);
    assert.ok(socket instanceof WebSocket && socket instanceof ParlorSocket);
    assert.equal(isNative(socket), true, address);
    await new Promise((resolve) => (socket.onopen = socket.onerror = resolve));
    socket.close();
  }
  const resuming = new ParlorSocket(url, [], { resume: [server.url.slice(0, -1)] });
  assert.ok(resuming instanceof WebSocket && !isNative(resuming));
  resuming.close();
  for (const wrong of ["chat.example", "http://chat.example/path", "ftp://chat.example"])
    assert.throws(() => ParlorSocket.resuming([wrong]), { name: "TypeError", message: /is not an origin/ });
});

test("[PSOCKET-2] it begins with the newest 50, or where ?last and ?after say, and each batch is one message event", async (t) => {
  const server = await new RealServer(t).start();
  const room = server.parlor.room("lobby");
  for (let index = 1; index <= 60; index++) await room.publish(`m${index}`);
  await room.publish({ text: "hello", name: "Ada" });
  await room.publish([1, true]);
  await room.publish("about it", { re: 1 });
  const rooms = `${server.url.replace("http", "ws")}rooms/lobby`;
  const shown = async (query: string, count: number): Promise<readonly string[]> => {
    const page = new Page(t, rooms + query);
    await page.until(({ texts }) => texts.length >= count);
    assert.deepEqual(page.events, ["open"], "nothing is lost");
    return page.texts;
  };
  const native = new WebSocket(rooms);
  const plain = await new Promise((resolve) => (native.onmessage = ({ data }) => resolve(data)));
  native.close();
  const all = await shown("", 49);
  assert.equal(JSON.stringify({ messages: all }), plain);
  assert.deepEqual(all.slice(-2), ["Ada: hello", "[1,true]"]);
  assert.deepEqual(await shown("?last=3", 2), ["Ada: hello", "[1,true]"]);
  assert.deepEqual(await shown("?after=59", 3), ["m60", "Ada: hello", "[1,true]"]);
});

test("[PSOCKET-3] [PSOCKET-4] a server that is killed: the socket stays OPEN, what was sent is counted until it is stored, and everything is there once", async (t) => {
  const server = await new RealServer(t).start();
  const url = `${server.url}rooms/lobby`;
  const page = new Page(t, url);
  const other = new Page(t, url.replace("http", "ws"));
  await Promise.all([page.seen("open"), other.seen("open")]);
  const reasons: string[] = [];
  page.socket.addEventListener("interrupted", ({ detail }) => reasons.push(detail.reason));
  page.socket.addEventListener("resumed", ({ detail }) => reasons.push(detail.transport));
  page.socket.addEventListener("close", ({ code }) => reasons.push(`${code}`));
  page.socket.send("before");
  assert.equal(page.socket.bufferedAmount, 6);
  await other.until(({ texts }) => texts.length === 1);
  await page.isSent();

  await server.stop();
  await Promise.all([page.seen("interrupted"), other.seen("interrupted")]);
  page.socket.send("mean");
  page.socket.send("while");
  other.socket.send("other");
  assert.equal(page.socket.bufferedAmount, 9);
  assert.equal(page.socket.readyState, WebSocket.OPEN);
  await server.start();
  await Promise.all([page.seen("resumed"), page.until(({ texts }) => texts.length === 4)]);
  await page.isSent();
  await other.until(({ texts }) => texts.length === 4);
  assert.deepEqual(page.texts, await server.bodies("lobby"));
  assert.deepEqual(other.texts, page.texts);
  assert.deepEqual(
    page.texts.filter((text) => text !== "other"),
    ["before", "mean", "while"],
  );
  assert.deepEqual([...new Set(page.events)], ["open", "interrupted", "resumed"]);
  assert.match(reasons[0] ?? "", /^The .+\.$/);
  assert.equal(reasons.at(-1), "websocket");
});

test("[PSOCKET-5] a first try that fails is final: error, then close, behind the turn", async (t) => {
  const page = new Page(t, `ws://127.0.0.1:${await freePort()}/rooms/lobby`);
  assert.equal(page.socket.readyState, 0);
  assert.throws(() => page.socket.send("x"), { name: "InvalidStateError" });
  await page.seen("close 1006 false");
  assert.deepEqual(page.events, ["error", "close 1006 false"]);
  assert.equal(page.socket.readyState, 3);
});

test("[PSOCKET-6] close ends it behind what was sent before, always behind the turn, once", async (t) => {
  const server = await new RealServer(t).start();
  const page = new Page(t, `${server.url}rooms/lobby`);
  await page.seen("open");
  page.socket.send("the last word");
  page.socket.close(3001, "enough");
  page.socket.close();
  assert.equal(page.socket.readyState, 2);
  assert.deepEqual(page.events, ["open"]);
  await page.seen("close 3001 true");
  assert.deepEqual(await server.bodies("lobby"), ["the last word"]);
  page.socket.send("four");
  assert.deepEqual([page.socket.readyState, page.socket.bufferedAmount], [3, 4]);
  assert.deepEqual(page.events, ["open", "close 3001 true"]);

  const early = new Page(t, `${server.url}rooms/lobby`);
  early.socket.close();
  assert.deepEqual([early.socket.readyState, early.events], [2, []]);
  await early.seen("close 1006 false");
  assert.deepEqual(early.events, ["error", "close 1006 false"]);
});

test("[PSOCKET-7] refusals come as messages with an error, and being turned away closes with the server's code", async (t) => {
  let isWelcome = true;
  const options: Partial<ParlorOptions> = {
    maxBodyBytes: 20,
    authenticate: () =>
      isWelcome ? { identity: "ada" } : { code: "unauthenticated", message: "Who are you?" },
  };
  const server = await new RealServer(t).start(options);
  const page = new Page(t, `${server.url}rooms/lobby`, { token: () => "a token" });
  await page.seen("open");
  page.socket.send("This is far more than twenty bytes.");
  page.socket.send(new Uint8Array(3));
  assert.equal(page.socket.bufferedAmount, 38);
  await page.seen("refused too-large");
  await page.seen("refused bad-frame");
  assert.deepEqual([page.socket.bufferedAmount, page.socket.readyState], [0, 1]);
  isWelcome = false;
  await server.stop();
  await server.start(options);
  await page.seen("close 4502 true");
  assert.equal(page.socket.readyState, 3);
});

test("[PSOCKET-8] where WebSockets don't get through, another transport carries it from the first try on", async (t) => {
  const server = await new RealServer(t).start();
  const proxy = await startProxy({ upstreamPort: server.port, faults: [blocksUpgrades()] });
  t.after(() => proxy.close());
  const page = new Page(t, `ws://127.0.0.1:${proxy.port}/rooms/lobby`);
  await page.seen("open");
  page.socket.send("through");
  await page.until(({ texts }) => texts.length === 1);
  assert.deepEqual(page.events, ["open"]);
});
