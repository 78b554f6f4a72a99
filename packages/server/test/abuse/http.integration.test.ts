import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { describe, test } from "node:test";
import { Files } from "@parlor/server";
import { RawSocketPeer } from "@parlor/testkit";
import { startAbused } from "../support/abused-server.ts";
import { frameBody, helloFrame } from "../support/exchange.ts";
import { assertRefused, readAnswer } from "../support/raw-http.ts";
import { temporaryFolder } from "../support/sqlite-folder.ts";
import { METHODS } from "./fuzz/methods.ts";

const POST = "POST /rooms/lobby/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
/** What a smuggler hides behind a request that two readers cut at different places. */
const SMUGGLED =
  "POST /rooms/smuggled/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n1";

const ADDRESSES = [
  "/connect",
  "/connect/stream",
  "/connect/poll?wait=0",
  "/connect/send",
  "/rooms/lobby",
  "/rooms/lobby/messages",
  "/rooms/%00/messages",
  "/rooms/lobby/files",
  "/rooms/lobby/files/none",
  "/rooms/lobby/uploads/none",
  "/healthz",
  "/readyz",
  "/metrics",
  "/status",
  "/status/status.js",
  "/status/none",
  "/nowhere",
] as const;

interface Ended {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** One request to its very end; a stream is cut at its first bytes. */
function ask(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string | Buffer = "",
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { port, host: "127.0.0.1", method, path, headers, agent: false },
      (response) => {
        const { statusCode = 0, headers: answered } = response;
        const type = answered["content-type"] ?? "";
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          if (type.startsWith("text/event-stream")) {
            request.destroy();
            resolve({ status: statusCode, type, body: "" });
          }
        });
        response.on("end", () =>
          resolve({ status: statusCode, type, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

describe("every address", () => {
  test("[ABUSE-20] ends its answer to every method and every kind of body, and refuses in JSON (B41, B45)", async (t) => {
    const files = await Files.open({ folder: await temporaryFolder(t), collects: false });
    t.after(() => files.close());
    const server = await startAbused(t, { files });
    const types = ["application/octet-stream", "application/json", "application/x-ndjson", "text/html", ""];
    for (const path of ADDRESSES) {
      for (const method of METHODS) {
        for (const type of types) {
          const body = method === "GET" || method === "HEAD" ? "" : frameBody([helloFrame()]);
          const headers: Record<string, string> = { accept: "text/html,*/*" };
          if (type !== "") headers["content-type"] = type;
          const answer = await ask(server.port, method, path, headers, body);
          const why = `${method} ${path} ${type}: ${answer.status}`;
          assert.ok(answer.status >= 200 && answer.status < 500, why);
          if (answer.status < 400 || method === "HEAD") continue;
          assert.match(answer.type, /^application\/json/, why);
          const { error } = JSON.parse(answer.body) as { error: { code: string; message: string } };
          assert.match(error.message, /\w \w.*[.]$/, why);
        }
      }
    }
    await server.assertUnharmed();
  });

  test("[ABUSE-21] repeats no parameter: there is no callback, no frame and no page made of what was asked (B45)", async (t) => {
    const server = await startAbused(t);
    const evil = "</script><script>alert(1)</script>";
    const names = ["callback", "jsonp", "c", "cb", "after", "before", "limit", "related", "wait", "last"];
    for (const path of ADDRESSES) {
      for (const name of names) {
        const query = `${path.includes("?") ? "&" : "?"}${name}=${encodeURIComponent(evil)}`;
        for (const method of ["GET", "POST"]) {
          const headers = { "content-type": "application/json", accept: "text/html" };
          const body = method === "POST" ? frameBody([helloFrame()]) : "";
          const answer = await ask(server.port, method, path + query, headers, body);
          assert.doesNotMatch(answer.body, /alert\(1\)/, `${method} ${path}${query}`);
          if (!path.startsWith("/status")) assert.doesNotMatch(answer.type, /html|script/);
        }
      }
    }
    for (const path of [
      "/jsonp",
      "/htmlfile",
      "/iframe.html",
      "/connect/jsonp",
      "/info",
      "/echo/websocket",
    ]) {
      assert.equal((await ask(server.port, "GET", `${path}?callback=alert`, {})).status, 404, path);
    }
    await server.assertUnharmed();
  });
});

describe("requests that two readers would cut at different places", () => {
  test("[ABUSE-22] [REFUSE-60] are 400 in words and the end of their connection, and what hides behind them is not done (B46)", async (t) => {
    const server = await startAbused(t);
    const chunked = "Transfer-Encoding: chunked\r\n";
    const requests: readonly [string, string][] = [
      ["length and chunks", `${POST}Content-Length: 5\r\n${chunked}\r\n0\r\n\r\n`],
      ["chunks and length", `${POST}${chunked}Content-Length: 5\r\n\r\n0\r\n\r\n`],
      ["an unknown coding", `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
      ["a coding behind chunks", `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
      ["a coding before chunks", `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n`],
      ["chunks in HTTP/1.0", `${POST.replace("1.1", "1.0")}${chunked}\r\n1\r\n1\r\n0\r\n\r\n`],
      ["another version", `${POST.replace("1.1", "2.0")}Content-Length: 1\r\n\r\n1`],
      ["a Host that is none", `${POST.replace("localhost", "a b")}Content-Length: 1\r\n\r\n1`],
      ["a blank before the colon", `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
      ["a blank in a name", `${POST}Content Length: 1\r\n\r\n1`],
      ["two lengths", `${POST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n1`],
      ["a list of lengths", `${POST}Content-Length: 1, 1\r\n\r\n1`],
      ["a signed length", `${POST}Content-Length: +1\r\n\r\n1`],
      ["a hexadecimal length", `${POST}Content-Length: 0x1\r\n\r\n1`],
      ["an endless length", `${POST}Content-Length: 99999999999999999999\r\n\r\n1`],
      ["a folded line", `${POST} chunked\r\nContent-Length: 1\r\n\r\n1`],
      ["a bare CR", `${POST}X: a\rContent-Length: 1\r\n\r\n1`],
      ["a NUL", `${POST}X: a\0b\r\nContent-Length: 1\r\n\r\n1`],
      ["a name of nothing", `${POST}: x\r\nContent-Length: 1\r\n\r\n1`],
      ["bare line feeds", `${POST.replaceAll("\r\n", "\n")}Content-Length: 1\n\n1`],
      ["a chunk of endless length", `${POST}${chunked}\r\nFFFFFFFFFFFFFFFFF\r\n1\r\n0\r\n\r\n`],
      ["a chunk of no number", `${POST}${chunked}\r\n1x\r\n1\r\n0\r\n\r\n`],
      ["a chunk that ends elsewhere", `${POST}${chunked}\r\n1\r\n12\r\n0\r\n\r\n`],
      ["a chunk of negative length", `${POST}${chunked}\r\n-1\r\n1\r\n0\r\n\r\n`],
      ["a length among the trailers", `${POST}${chunked}\r\n1\r\n1\r\n0\r\nContent-Length: 9\r\n\r\n`],
      ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
      ["a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ];
    for (const [what, request] of requests) {
      using peer = await RawSocketPeer.connect({ port: server.port });
      peer.write(request + SMUGGLED);
      assertRefused(await readAnswer(peer), 400, "bad-frame", what);
      await peer.closed();
      assert.equal(peer.receivedBytes, 0, `${what}: a second answer`);
    }
    for (const room of ["smuggled", "lobby"]) assert.equal((await server.log.head(room)).head, 0);
    await server.assertUnharmed();
  });

  test("[ABUSE-22] a trailer, a chunk's extension and a body where none is wanted hide nothing either (B46)", async (t) => {
    const server = await startAbused(t);
    const trailer = "Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n1;x=y\r\n1\r\n0\r\nX: 9\r\n\r\n";
    using one = await RawSocketPeer.connect({ port: server.port });
    one.write(POST + trailer);
    assert.equal((await readAnswer(one)).status, 201);
    using two = await RawSocketPeer.connect({ port: server.port });
    two.write(`GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`);
    assert.equal((await readAnswer(two)).status, 200);
    two.write("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.match((await readAnswer(two)).body, /ready/);
    assert.equal((await server.log.head("smuggled")).head, 0);
    await server.assertUnharmed();
  });
});

describe("what is announced", () => {
  test("[ABUSE-23] and never comes is answered, or ends with its sender, and stores nothing (B35, B40, B42)", async (t) => {
    const server = await startAbused(t);
    const addresses = ["/rooms/lobby/messages", "/connect/send", "/connect/poll", "/connect/stream"];
    for (const address of addresses) {
      const head = `POST ${address} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
      for (const announced of ["9007199254740992", "1048577000", "18446744073709551615"]) {
        using peer = await RawSocketPeer.connect({ port: server.port });
        peer.write(`${head}Content-Length: ${announced}\r\n\r\n`);
        assertRefused(await readAnswer(peer), 413, "too-large", `${address} ${announced}`);
      }
      using cut = await RawSocketPeer.connect({ port: server.port });
      cut.write(`${head}Content-Length: 200000\r\n\r\n"half of it`);
      cut.socket.end();
      await cut.closed();
    }
    assert.equal((await server.log.head("lobby")).head, 0);
    await server.assertUnharmed();
  });

  test("[ABUSE-23] and was not needed for the answer leaves that answer the only one (B35, B42)", async (t) => {
    const server = await startAbused(t);
    for (const path of ["/metrics", "/healthz", "/status", "/rooms/lobby/messages"]) {
      using peer = await RawSocketPeer.connect({ port: server.port });
      peer.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9007199254740992\r\n\r\n`);
      peer.socket.end();
      const heard: Buffer[] = [];
      peer.socket.on("data", (chunk: Buffer) => heard.push(chunk));
      await peer.closed();
      const answers = Buffer.concat(heard)
        .toString("latin1")
        .match(/^HTTP\/1\.1 \d+/gm);
      assert.deepEqual(answers, ["HTTP/1.1 200"], path);
    }
    await server.assertUnharmed();
  });

  test("[ABUSE-24] nothing leads through the server to somewhere else (B21, O19)", async (t) => {
    const server = await startAbused(t);
    const hosts = ["169.254.169.254:80", `127.0.0.1:${server.port}`, "localhost:22", "/connect"];
    for (const host of hosts) {
      using peer = await RawSocketPeer.connect({ port: server.port });
      peer.write(`CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      assertRefused(await readAnswer(peer), 405, "unknown-frame", host);
      await peer.closed();
    }
    await server.assertUnharmed();
  });
});
