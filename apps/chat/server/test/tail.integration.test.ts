import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ParlorClient } from "@parlor/client";
import { runHeard } from "./heard-command.ts";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";

const FAST = ["--port", "0", "--publish-per-second", "Infinity"];

function bodiesOf(lines: readonly string[]): unknown[] {
  return lines.map((line) => (JSON.parse(line) as { body: unknown }).body);
}

async function publishAll(url: string, room: string, bodies: readonly unknown[]): Promise<string> {
  const client = new ParlorClient(url);
  try {
    await Promise.all(bodies.map((body) => client.room(room).publish(body)));
    return (await client.room(room).history({ limit: 1 })).epoch;
  } finally {
    client.close();
  }
}

describe("parlor tail", () => {
  test("[CMD-6] it prints what is written, goes on by itself after a kill of the server, and leaves out and repeats nothing", async () => {
    using folder = temporaryFolder();
    const args = [...FAST, "--data", folder.path];
    const first = new ParlorProcess({ args });
    const url = await first.url;
    const { port } = new URL(url);
    await publishAll(url, "lobby", ["one", "two", "three"]);
    await using tail = new ParlorProcess({ args: ["tail", "lobby", "--last", "2", "--json", "--url", url] });
    await tail.printed(() => tail.stdout.length === 2);
    assert.match(tail.stderr.join("\n"), /^Messages 1 to 1 are older and not shown; --after 0 shows them\.$/);
    await publishAll(url, "lobby", ["four"]);
    await tail.printed(() => tail.stdout.length === 3);
    first.kill("SIGKILL");
    await first.end();
    await tail.printed(() => tail.stderr.length === 2);
    assert.match(tail.stderr[1] ?? "", /^http\S+: .+ It is tried again until it answers\.$/);

    await using second = new ParlorProcess({ args: [...args, "--port", port] });
    await publishAll(await second.url, "lobby", ["five", "six"]);
    await tail.printed(() => tail.stdout.length === 5);
    assert.deepEqual(bodiesOf(tail.stdout), ["two", "three", "four", "five", "six"]);
    // Of two pipes either may be read first.
    await tail.printed(() => tail.stderr.at(-1)?.endsWith("connected.") === true);
    assert.match(tail.stderr.at(-1) ?? "", /^http\S+: connected\.$/);
    assert.equal(tail.stderr.filter((line) => line.endsWith("connected.")).length, 1);
  });

  test("[CMD-6] what is not kept any more, and a history that is another one, are lines in words at their place", async () => {
    const server = new ParlorProcess({ args: [...FAST, "--log", "memory:", "--retain-messages", "3"] });
    const url = await server.url;
    const bodies = Array.from({ length: 10 }, (_, i) => `text ${i + 1}`);
    const epoch = await publishAll(url, "lobby", bodies);
    const from = ["tail", "lobby", "--url", url, "--after"];
    await using words = new ParlorProcess({ args: [...from, `${epoch}:2`] });
    await using json = new ParlorProcess({ args: [...from, "2", "--json"] });
    await using other = new ParlorProcess({ args: [...from, "another:2"] });
    await words.printed(() => words.stdout.length === 4);
    await json.printed(() => json.stdout.length === 4);
    await other.printed(() => other.stdout.length >= 4);
    assert.equal(words.stdout[0], "— The messages 3 to 7 are not kept any more.");
    assert.deepEqual(
      words.stdout.slice(1).map((line) => line.split("\t")[3]),
      ["text 8", "text 9", "text 10"],
    );
    assert.deepEqual(JSON.parse(json.stdout[0] ?? ""), { lost: { from: 3, to: 7 } });
    assert.equal(
      other.stdout[0],
      "— The room's history is another one than before; what follows is what is kept of it.",
    );
    // A log in memory is another one after each start.
    server.kill("SIGKILL");
    await server.end();
    await using again = new ParlorProcess({
      args: [...FAST, "--port", new URL(url).port, "--log", "memory:"],
    });
    await publishAll(await again.url, "lobby", ["new"]);
    await words.printed(() => words.stdout.length === 6);
    assert.match(words.stdout[4] ?? "", /^— The room's history is another one/);
    assert.match(words.stdout[5] ?? "", /^1\t.*\tnew$/);
  });

  test("[CMD-6] what strangers wrote is a line that a terminal shows and never obeys", async () => {
    await using server = new ParlorProcess({ args: [...FAST, "--log", "memory:"] });
    const url = await server.url;
    const hostile = "\u001b]0;title\u0007\u009b2Ja\nb\tc\u202ed\u2028";
    await publishAll(url, "lobby", [hostile, { text: hostile, name: "\u001bAda" }, { other: [hostile] }]);
    await using words = new ParlorProcess({ args: ["tail", "lobby", "--url", url] });
    await using json = new ParlorProcess({ args: ["tail", "lobby", "--url", url, "--json"] });
    await words.printed(() => words.stdout.length >= 3);
    await json.printed(() => json.stdout.length >= 3);
    for (const line of words.stdout) assert.match(line, /^\d+\t[\dTZ:.-]+\t[\w-]+\t[ -~]+$/);
    assert.match(words.stdout[1] ?? "", /\t\\u001bAda: \\u001b\]0;title/);
    for (const line of json.stdout) assert.match(line, /^[ -~]+$/);
    assert.equal(bodiesOf(json.stdout)[0], hostile);
  });

  test("[CMD-6] [CMD-4] what can't be asked for is one sentence and exit code 2", async () => {
    await using server = new ParlorProcess({ args: [...FAST, "--log", "memory:"] });
    const url = await server.url;
    const refusals = [
      [["tail", ".."], /no room can have this name/],
      [["tail", "a", "--last", "501"], /--last takes a whole number from 0 to 500, not "501"/],
      [["tail", "a", "--after", "x y"], /--after takes an offset, or EPOCH:OFFSET, not "x y"/],
      [["tail", "a", "--after", "1", "--last", "1"], /one of them can be given/],
      [["tail", "a", "--url", "ftp://x"], /An address begins with http/],
      [["tail", "@nobody"], /./],
    ] as const;
    for (const [args, words] of refusals) {
      const { code, said, complained } = await runHeard(args, { url });
      assert.deepEqual([code, said, complained.length], [2, [], 1]);
      assert.match(complained[0] ?? "", words);
      assert.match(complained[0] ?? "", /^parlor tail: [^\n]+[^.]\.$/);
    }
  });
});
