import assert from "node:assert/strict";
import { once } from "node:events";
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type RequestListener,
  type Server,
} from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { describe, test, type TestContext } from "node:test";
import { AlternatingBalancer } from "./alternating-balancer.ts";

async function serve(t: TestContext, listener: RequestListener): Promise<Server & { port: number }> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

async function ask(
  port: number,
  options: { agent?: Agent; body?: string } = {},
): Promise<{ status: number; text: string }> {
  const { agent = new Agent(), body = "" } = options;
  const asked = request({ port, host: "127.0.0.1", agent, method: "POST", path: "/x?y=1" });
  asked.end(body);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, text: await textOf(answer) };
}

/** Says who it is, and what it was asked. */
const echo =
  (name: string): RequestListener =>
  (incoming, response) => {
    void textOf(incoming).then((body) => response.end(`${name} ${incoming.method} ${incoming.url} ${body}`));
  };

describe("AlternatingBalancer", () => {
  test("every request goes to the next server, though they come on one connection", async (t) => {
    const servers = [await serve(t, echo("a")), await serve(t, echo("b"))];
    await using balancer = await AlternatingBalancer.listen(servers.map(({ port }) => port));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const said: string[] = [];
    for (let i = 0; i < 4; i++) said.push((await ask(balancer.port, { agent, body: `${i}` })).text);
    assert.deepEqual(
      said,
      ["a", "b", "a", "b"].map((name, i) => `${name} POST /x?y=1 ${i}`),
    );
    assert.deepEqual(balancer.turns, [2, 2]);
    agent.destroy();
  });

  test("a server that is gone is 502, and its turn comes all the same", async (t) => {
    const [gone, alive] = [await serve(t, echo("a")), await serve(t, echo("b"))];
    gone.close();
    await once(gone, "close");
    await using balancer = await AlternatingBalancer.listen([gone.port, alive.port]);
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await ask(balancer.port)).status);
    assert.deepEqual(statuses, [502, 200, 502, 200]);
  });

  test("an answer is passed on as its bytes come, and who leaves it is seen to leave", async (t) => {
    let left: () => void = () => undefined;
    const hasLeft = new Promise<void>((resolve) => (left = resolve));
    const server = await serve(t, (_request, response) => {
      response.write("first");
      response.on("close", left);
    });
    await using balancer = await AlternatingBalancer.listen([server.port]);
    const asked = request({ port: balancer.port, host: "127.0.0.1" }).end();
    asked.on("error", () => undefined);
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    const [chunk] = (await once(answer, "data")) as [Buffer];
    assert.equal(chunk.toString(), "first");
    asked.destroy();
    await hasLeft;
  });

  test("upgrades alternate too, and carry bytes both ways until one side ends", async (t) => {
    const servers = [await serve(t, echo("a")), await serve(t, echo("b"))];
    for (const [index, server] of servers.entries()) {
      server.on("upgrade", (_request, socket) => {
        socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n${index}`);
        socket.on("data", (chunk: Buffer) => socket.end(`${chunk.toString()}!`));
      });
    }
    await using balancer = await AlternatingBalancer.listen(servers.map(({ port }) => port));
    for (const index of [0, 1, 0]) {
      const socket = connect(balancer.port, "127.0.0.1");
      socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
      let text = "";
      socket.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (text.endsWith(`${index}`)) socket.write("hello");
      });
      await once(socket, "close");
      assert.match(text, new RegExp(`\r\n\r\n${index}hello!$`));
    }
  });
});
