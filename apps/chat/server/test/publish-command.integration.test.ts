import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { ParlorClient } from "@parlor/client";
import { type HeardCommand, runHeard } from "./heard-command.ts";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";

const FAST = ["--port", "0", "--publish-per-second", "Infinity", "--max-body-bytes", "100"];

describe("parlor publish", () => {
  let server: ParlorProcess;
  let url: string;
  before(async () => {
    server = new ParlorProcess({ args: [...FAST, "--log", "memory:"] });
    url = await server.url;
  });
  after(() => server[Symbol.asyncDispose]());

  async function bodiesIn(room: string, at = url): Promise<unknown[]> {
    const client = new ParlorClient(at);
    try {
      return (await client.room(room).history({ limit: 500 })).messages.map(({ body }) => body);
    } finally {
      client.close();
    }
  }

  /** @param chunks  What comes on stdin, cut as it is given. */
  function run(args: readonly string[], ...chunks: readonly (string | Uint8Array)[]): Promise<HeardCommand> {
    return runHeard(["publish", ...args], { url, input: chunks.map((chunk) => Buffer.from(chunk)) });
  }

  test("[CMD-7] a text, a name and any JSON are stored, and the offset of each is printed", async () => {
    assert.deepEqual((await run(["words", "hello"])).said, ["1"]);
    assert.deepEqual((await run(["words", "hi", "--name", "Ada"])).said, ["2"]);
    assert.deepEqual((await run(["words", '[1,{"a":null}]', "--json"])).said, ["3"]);
    assert.deepEqual((await run(["--", "words", "--last"])).said, ["4"]);
    assert.deepEqual(await bodiesIn("words"), [
      { text: "hello" },
      { text: "hi", name: "Ada" },
      [1, { a: null }],
      { text: "--last" },
    ]);
  });

  test("[CMD-7] lines of stdin are stored in order, however they are cut, and empty ones are left out", async () => {
    const { code, said } = await run(["lines"], "on", "e\r\ntwo\n\n", "thr\u00e9e\n4", "");
    assert.deepEqual([code, said], [0, ["1", "2", "3", "4"]]);
    const texts = ["one", "two", "thr\u00e9e", "4"];
    assert.deepEqual(
      await bodiesIn("lines"),
      texts.map((text) => ({ text })),
    );
    await using process = new ParlorProcess({
      args: ["publish", "lines", "--url", url],
      input: "five\nsix\n",
    });
    assert.deepEqual([(await process.end()).code, process.stdout, process.stderr], [0, ["5", "6"], []]);
  });

  test("[CMD-7] with its key a publish that is said again is stored once, and one that broke off goes on", async () => {
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i + 1}\n`);
    const half = await run(["again", "--key", "import"], ...lines.slice(0, 17));
    assert.equal(half.said.length, 17);
    const whole = await run(["again", "--key", "import"], ...lines);
    assert.deepEqual(whole.said.slice(15), ["-", ...Array.from({ length: 14 }, (_, i) => `${i + 17}`)]);
    assert.deepEqual(
      await bodiesIn("again"),
      lines.map((line) => ({ text: line.trim() })),
    );
    assert.deepEqual((await run(["again", "once", "--key", "k"])).said, ["31"]);
    assert.deepEqual((await run(["again", "once", "--key", "k"])).said, ["31"]);
    assert.deepEqual((await run(["again", "once"])).said, ["32"]);
  });

  test("[CMD-7] at the first refusal it ends with 2, says which line and what is stored, and sends nothing behind it", async () => {
    const long = "x".repeat(200);
    const refused = await run(["refused", "--key", "r"], `one\ntwo\n${long}\nfour\n`);
    assert.deepEqual([refused.code, refused.said], [2, ["1", "2"]]);
    assert.equal(refused.complained.length, 1);
    assert.match(
      refused.complained[0] ?? "",
      /^parlor publish: line 3: .+ 100.+; the 2 before it are stored, and nothing behind it was sent\.$/,
    );
    assert.equal((await bodiesIn("refused")).length, 2);
    // What was refused was never stored, so a better line takes its place.
    const better = await run(["refused", "--key", "r"], "one\ntwo\nthree\nfour\n");
    assert.deepEqual(better.said.slice(2), ["3", "4"]);
    assert.deepEqual(
      await bodiesIn("refused"),
      ["one", "two", "three", "four"].map((text) => ({ text })),
    );
  });

  test("[CMD-7] [CMD-4] what can't be stored is one sentence and exit code 2, and nothing is stored", async () => {
    const refusals = [
      [["none", "x".repeat(101)], [], /100/],
      [["none", "{", "--json"], [], /it is no JSON that can be stored/],
      [["none", "1", "--json", "--name", "Ada"], [], /--name belongs to words/],
      [["none", "x", "--key", "k".repeat(129)], [], /--key takes 1 to 128 characters/],
      [["none", "x", "--wait", "0"], [], /--wait takes a whole number from 1 to 86400/],
      [["..", "x"], [], /no room can have this name/],
      [["@server", "x"], [], /./],
      [["none"], [Buffer.from([0x61, 0xff, 0x0a])], /line 1 is no UTF-8/],
      [
        ["none"],
        Array.from({ length: 17 }, () => Buffer.alloc(1_048_576, 97)),
        /line 1 is longer than 16777216 bytes/,
      ],
    ] as const;
    for (const [args, input, words] of refusals) {
      const { code, said, complained } = await run(args, ...input);
      assert.deepEqual([code, said, complained.length], [2, [], 1], args.join(" "));
      assert.match(complained[0] ?? "", words);
      assert.match(complained[0] ?? "", /^parlor publish: [^\n]+[^.]\.$/);
    }
    assert.deepEqual(await bodiesIn("none"), []);
  });

  test("[CMD-7] a server that takes and never answers is waited for so long, and what that means is said", async () => {
    const mute = createServer((socket) => socket.on("error", () => undefined).resume());
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const address = mute.address();
    const port = typeof address === "object" ? address?.port : assert.fail();
    try {
      await using process = new ParlorProcess({
        args: ["publish", "lobby", "hello", "--wait", "1", "--url", `http://127.0.0.1:${port}`],
      });
      assert.equal((await process.end()).code, 2);
      assert.match(
        process.stderr.at(-1) ?? "",
        /^parlor publish: no answer came within 1 s, so it may be stored or not; repeated with the same --key it is stored once\.$/,
      );
      assert.deepEqual(process.stdout, []);
    } finally {
      mute.close();
    }
  });

  test("[CMD-7] a rate is waited for, and a server that is killed meanwhile loses and doubles nothing", async () => {
    using folder = temporaryFolder();
    const args = ["--port", "0", "--publish-per-second", "20", "--data", folder.path];
    const first = new ParlorProcess({ args });
    const at = await first.url;
    // The burst is 100: the last ones meet the rate.
    const texts = Array.from({ length: 110 }, (_, i) => `${i}`);
    await using process = new ParlorProcess({
      args: ["publish", "lobby", "--url", at],
      input: texts.join("\n"),
    });
    await process.printed(() => process.stdout.length >= 20);
    first.kill("SIGKILL");
    await first.end();
    await using second = new ParlorProcess({ args: [...args, "--port", new URL(at).port] });
    await second.url;
    assert.equal((await process.end()).code, 0, process.stderr.join("\n"));
    assert.deepEqual(
      process.stdout,
      texts.map((_, i) => `${i + 1}`),
    );
    assert.deepEqual(
      await bodiesIn("lobby", at),
      texts.map((text) => ({ text })),
    );
    assert.match(process.stderr.join("\n"), /It is tried again until it answers\.\n.*connected\.$/);
  });
});
