import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { systemClock } from "@parlor/base";
import { FakeClock } from "@parlor/testkit";
import { answerError, answerErrorOnSocket, answerErrorUnread, answerJson, varyOn } from "./http-answer.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function withServer(
  handler: Handler | { upgrade: (socket: Duplex) => void },
  use: (port: number, server: Server) => Promise<void>,
): Promise<void> {
  const server = createServer(typeof handler === "function" ? handler : () => {});
  if (typeof handler === "object") server.on("upgrade", (_request, socket) => handler.upgrade(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use((server.address() as AddressInfo).port, server);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const get = (port: number, init?: RequestInit) => fetch(`http://127.0.0.1:${port}/`, init);

const UPGRADE = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

describe("answers", () => {
  test("[REFUSE-21] an error is JSON with a code and a sentence, under the status of its code", async () => {
    await withServer(
      (_request, response) => answerError(response, { code: "bad-room", message: "No such “name”." }),
      async (port) => {
        const response = await get(port);
        assert.equal(response.status, 400);
        assert.equal(response.headers.get("content-type"), "application/json; charset=utf-8");
        assert.equal(response.headers.get("x-content-type-options"), "nosniff");
        assert.equal(response.headers.get("cache-control"), "no-store");
        assert.deepEqual(await response.json(), { error: { code: "bad-room", message: "No such “name”." } });
      },
    );
  });

  test("[REFUSE-22] 429 and 503 always say when to come back, in whole seconds and never 0", async () => {
    const errors = [
      [{ code: "rate-limited", message: "x", retryAfterMs: 1_001 }, "2"],
      [{ code: "draining", message: "x" }, "1"],
      [{ code: "unavailable", message: "x", retryAfterMs: 0 }, "1"],
      [{ code: "forbidden", message: "x" }, null],
    ] as const;
    for (const [error, retryAfter] of errors) {
      await withServer(
        (_request, response) => answerError(response, error),
        async (port) => assert.equal((await get(port)).headers.get("retry-after"), retryAfter),
      );
    }
  });

  test("what an answer depends on adds up in Vary", async () => {
    assert.equal(varyOn("", "Accept", "Origin, Accept"), "Accept, Origin");
    await withServer(
      (_request, response) => {
        response.setHeader("vary", "Origin");
        answerJson(response, 200, { fine: true }, { vary: "Accept" });
      },
      async (port) => assert.equal((await get(port)).headers.get("vary"), "Origin, Accept"),
    );
  });

  test("an answer to HEAD has the headers and no body", async () => {
    await withServer(
      (_request, response) => answerJson(response, 200, { fine: true }),
      async (port) => {
        const response = await get(port, { method: "HEAD" });
        assert.equal(response.headers.get("content-length"), "13");
        assert.equal(await response.text(), "");
      },
    );
  });

  test("answering twice is harmless, and an error after an answer began cuts it off", async () => {
    await withServer(
      (_request, response) => {
        answerJson(response, 200, 1);
        answerJson(response, 200, 2);
        answerError(response, { code: "internal", message: "late" });
      },
      async (port) => assert.equal(await (await get(port)).text(), "1"),
    );
    await withServer(
      (_request, response) => {
        response.writeHead(200).write("half");
        answerError(response, { code: "internal", message: "late" });
      },
      async (port) => {
        await assert.rejects(async () => (await get(port)).text());
      },
    );
  });
});

describe("answers to what is not read", () => {
  test("[GROW-9] a peer that goes on sending still sees the answer, and is then cut off", async () => {
    await withServer(
      (request, response) =>
        answerErrorUnread(request, response, { code: "too-large", message: "Too much." }, systemClock),
      async (port) => {
        const socket = connect(port, "127.0.0.1");
        // Being cut off while it sends is what this peer expects; `once` would take the error for a failure.
        const closed = new Promise((resolve) => socket.on("close", resolve));
        socket.on("error", () => socket.destroy());
        socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n");
        let sent = 0;
        const flood = (): void => {
          while (sent < 100_000_000 && socket.writable) {
            sent += 65_536;
            if (!socket.write(Buffer.alloc(65_536))) return;
          }
        };
        socket.on("drain", flood);
        flood();
        let answer = "";
        socket.on("data", (chunk) => (answer += String(chunk)));
        await closed;
        assert.match(answer, /^HTTP\/1\.1 413 /);
        assert.match(answer, /connection: close/i);
        assert.match(answer, /"too-large"/);
        assert.ok(sent < 50_000_000, `${sent} bytes were taken`);
      },
    );
  });

  test("[GROW-9] a request without a body keeps its connection", async () => {
    await withServer(
      (request, response) =>
        answerErrorUnread(request, response, { code: "forbidden", message: "No." }, systemClock),
      async (port) => assert.equal((await get(port)).headers.get("connection"), "keep-alive"),
    );
  });

  test("[GROW-9] a peer that sends nothing more is cut off after a second", async () => {
    const clock = new FakeClock();
    await withServer(
      (request, response) =>
        answerErrorUnread(request, response, { code: "too-large", message: "Too much." }, clock),
      async (port) => {
        const socket = connect(port, "127.0.0.1");
        socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n");
        await once(socket, "data");
        assert.equal(clock.pendingCount, 1);
        clock.advance(1_000);
        await once(socket, "close");
        assert.equal(clock.pendingCount, 0);
      },
    );
  });
});

describe("answers on the socket of an upgrade", () => {
  test("[REFUSE-23] are a whole HTTP response, and the end", async () => {
    const error = {
      code: "version",
      message: "Version 13, please.",
      status: 426,
      headers: { "sec-websocket-version": "13", "x-split": "a\r\nset-cookie: b" },
    } as const;
    await withServer(
      { upgrade: (socket) => answerErrorOnSocket(socket, error, systemClock) },
      async (port) => {
        const socket = connect(port, "127.0.0.1");
        socket.write(UPGRADE);
        const answer = await text(socket);
        const [head = "", body = ""] = answer.split("\r\n\r\n");
        assert.match(head, /^HTTP\/1\.1 426 Upgrade Required\r\n/);
        assert.match(head, /\r\nsec-websocket-version: 13(\r\n|$)/);
        assert.match(head, /\r\nconnection: close(\r\n|$)/);
        assert.doesNotMatch(head, /\r\nset-cookie/);
        assert.match(head, new RegExp(`\r\ncontent-length: ${Buffer.byteLength(body)}(\r\n|$)`));
        assert.deepEqual(JSON.parse(body), { error: { code: "version", message: "Version 13, please." } });
      },
    );
  });

  test("[REFUSE-23] a peer that resets the connection takes nothing with it (B11)", async () => {
    const gone = Promise.withResolvers<void>();
    await withServer(
      {
        upgrade: (socket) => {
          socket.on("close", () => gone.resolve());
          answerErrorOnSocket(socket, { code: "draining", message: "Gone." }, systemClock);
        },
      },
      async (port) => {
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => {});
        socket.write(UPGRADE, () => socket.resetAndDestroy());
        await gone.promise;
      },
    );
  });

  test("[REFUSE-23] a peer that never closes is cut off after a second", async () => {
    const clock = new FakeClock();
    const gone = Promise.withResolvers<void>();
    await withServer(
      {
        upgrade: (socket) => {
          socket.on("close", () => gone.resolve());
          answerErrorOnSocket(socket, { code: "draining", message: "Gone." }, clock);
        },
      },
      async (port) => {
        const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
        socket.write(UPGRADE);
        await once(socket, "data");
        clock.advance(2_000);
        await gone.promise;
        socket.destroy();
      },
    );
  });
});
