import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { replaysPosts, type Replay } from "./replays-posts.ts";
import { startProxy } from "./start-proxy.ts";

interface Got {
  readonly method: string;
  readonly body: string;
  readonly response: ServerResponse;
}

/** A server that keeps what it got and answers with its number, behind a proxy that replays. */
async function behind(t: TestContext, replay: Replay) {
  const got: Got[] = [];
  let onGot = (): void => undefined;
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      got.push({ method: request.method ?? "", body: Buffer.concat(chunks).toString(), response });
      response.writeHead(200, { "x-number": String(got.length) });
      if (request.url === "/endless") response.write("begun");
      else response.end(`answer ${got.length}`);
      onGot();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const fault = replaysPosts(replay);
  const proxy = await startProxy({ upstreamPort: (server.address() as AddressInfo).port, faults: [fault] });
  t.after(async () => {
    await proxy.close();
    server.closeAllConnections();
    server.close();
  });
  const untilGot = (count: number): Promise<void> =>
    new Promise((resolve) => {
      onGot = () => {
        if (got.length >= count) resolve();
      };
      onGot();
    });
  return { got, untilGot, fault, proxy, server, url: `http://127.0.0.1:${proxy.port}` };
}

describe("replaysPosts", { timeout: 20_000 }, () => {
  for (const replay of ["first", "second", "at-once"] as const) {
    test(`[KIT-3] (${replay}) the server gets the same POST twice, and its client one answer`, async (t) => {
      const { got, untilGot, fault, url } = await behind(t, replay);
      const body = "x".repeat(200_000);
      const answer = await fetch(`${url}/`, { method: "POST", body });
      const text = await answer.text();
      if (replay === "at-once") assert.match(text, /^answer [12]$/);
      else assert.equal(text, `answer ${replay === "first" ? 1 : 2}`);
      await untilGot(2);
      assert.deepEqual(
        got.map((each) => [each.method, each.body === body]),
        [
          ["POST", true],
          ["POST", true],
        ],
      );
      assert.equal(fault.replayCount, 1);
    });

    test(`[KIT-3] (${replay}) an answer that does not end is passed on as it comes, and no request outlives its client`, async (t) => {
      const { got, untilGot, url } = await behind(t, replay);
      const abort = new AbortController();
      const answer = await fetch(`${url}/endless`, { method: "POST", body: "once", signal: abort.signal });
      const reader = answer.body?.getReader();
      assert.equal(new TextDecoder().decode((await reader?.read())?.value), "begun");
      await untilGot(2);
      const closed = got.map(({ response }) =>
        response.closed ? Promise.resolve([]) : once(response, "close"),
      );
      abort.abort();
      await Promise.all(closed);
    });

    test(`[KIT-3] (${replay}) a GET goes once, and a POST that its client did not end goes not at all`, async (t) => {
      const { got, fault, proxy, url } = await behind(t, replay);
      assert.equal(await (await fetch(`${url}/`)).text(), "answer 1");
      const socket = connect(proxy.port, "127.0.0.1");
      socket.end("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
      await once(socket.resume(), "close");
      assert.equal(await (await fetch(`${url}/`)).text(), "answer 2");
      assert.deepEqual(
        got.map(({ method }) => method),
        ["GET", "GET"],
      );
      assert.equal(fault.replayCount, 0);
    });
  }

  test("[KIT-3] a body that is too long to be kept is refused in words", async (t) => {
    const { got, url } = await behind(t, "first");
    const answer = await fetch(`${url}/`, { method: "POST", body: "x".repeat(17 * 1_048_576) });
    assert.deepEqual([answer.status, await answer.text()], [413, "This proxy takes 16 MiB.\n"]);
    assert.equal(got.length, 0);
  });
});
