import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { uploadThroughFaults } from "./broken-upload.ts";
import { SentFiles } from "./sent-files.ts";

/** A server that answers as it is told, as long as the test runs. */
async function serving(
  answer: (path: string, method: string) => { status: number; body: string; offset?: number } | null,
): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const said = answer(request.url ?? "", request.method ?? "");
      if (said === null) return void request.socket.destroy();
      const headers = said.offset === undefined ? {} : { "upload-offset": String(said.offset) };
      response.writeHead(said.status, headers).end(said.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url, [Symbol.asyncDispose]: close };
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

describe("files that were sent in a torture", () => {
  test("[TORTURE-4] one that is not there, that is cut short and that has other bytes are each found", async () => {
    const words = ["as it was", "gone", "cut short", "other bytes"];
    await using server = await serving((path) => {
      const word = words.find((each) => path.endsWith(hashOf(each))) ?? "";
      if (word === "gone") return { status: 404, body: "{}" };
      return {
        status: 200,
        body: word === "cut short" ? "cut" : word === "other bytes" ? "OTHER BYTES" : word,
      };
    });
    const files = new SentFiles();
    for (const [i, word] of words.entries())
      files.add({ room: "hall", hash: hashOf(word), size: word.length, offset: i + 1 });
    const wrong = (await files.verify([server.url])).sort();
    assert.deepEqual(
      wrong.map((each) => each.replace(/ at http.*/, "")),
      [
        "the file of message 2 in hall, acknowledged, is answered with 404",
        "the file of message 3 in hall, acknowledged, has other bytes (3 of 9)",
        "the file of message 4 in hall, acknowledged, has other bytes (11 of 11)",
      ],
    );
  });

  test("[TORTURE-4] an upload that is cut goes on where the server says; one that the server forgot is found", async () => {
    const steps = [
      { status: 503, body: '{"error":{"code":"unavailable"}}' },
      { status: 201, body: '{"upload":"u1","received":0,"size":10}' },
      null,
      { status: 409, body: '{"error":{"code":"out-of-order"}}', offset: 5 },
      { status: 200, body: '{"file":{"hash":"h","size":10,"type":"text/plain"}}' },
    ];
    const asked: string[] = [];
    await using server = await serving((path, method) => {
      asked.push(`${method} ${path}`);
      const step = steps[asked.length - 1];
      return step === undefined ? { status: 404, body: "{}" } : step;
    });
    let cuts = 0;
    const wanted = {
      ...{ room: `${server.url}rooms/hall`, key: "k", content: Buffer.alloc(10), pauseMs: () => 1 },
      ...{ signal: new AbortController().signal, onCut: () => void (cuts += 1) },
    };
    assert.equal((await uploadThroughFaults(wanted)).kind, "taken");
    const [begin, add] = ["POST /rooms/hall/files", "PATCH /rooms/hall/uploads/u1"];
    assert.deepEqual([asked, cuts], [[begin, begin, add, add, add], 1]);
    steps.length = 0;
    steps.push(...asked.map(() => null), { status: 201, body: '{"upload":"u2"}' });
    assert.deepEqual(await uploadThroughFaults(wanted), { kind: "forgotten", upload: "u2" });
  });
});
