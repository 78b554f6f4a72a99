import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { freePort } from "@parlor/testkit";
import { within } from "./support/within.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const PAGE = readFileSync(join(ROOT, "docs", "readers.md"), "utf8");
const PATIENCE_MS = 30_000;

/** The whole programs of the page, by the name in their first line. */
function programs(): Map<string, string> {
  const blocks = PAGE.matchAll(/^```ts\n\/\/ (\S+)\n([^]*?)^```/gm);
  return new Map([...blocks].map(([, name, code]) => [name as string, code as string]));
}

interface Told {
  readonly key: unknown;
  readonly room: string;
  readonly body: unknown;
}

describe("the examples of docs/readers.md", () => {
  const children: ChildProcess[] = [];
  const told: Told[] = [];
  let onTold = (): void => undefined;
  let answers = 503;
  let folder = "";
  const other = createServer((request, response) => {
    void (async () => {
      let text = "";
      for await (const chunk of request) text += String(chunk);
      response.writeHead(answers).end();
      if (answers === 200)
        told.push({ ...(JSON.parse(text) as Told), key: request.headers["idempotency-key"] });
      onTold();
    })();
  });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "parlor-readers-page-"));
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const otherPort = String((other.address() as AddressInfo).port);
    for (const [file, code] of programs()) {
      const ported = code.replaceAll("8080", String(await freePort())).replaceAll("9090", otherPort);
      await writeFile(join(folder, file), ported.replaceAll("./data", `./${file}-data`));
    }
    const tsconfig = { extends: join(ROOT, "tsconfig.json"), include: ["*.ts"], exclude: [] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
    await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  });
  after(async () => {
    for (const child of children) child.kill("SIGKILL");
    other.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts one, and answers where it serves. */
  async function run(file: string): Promise<string> {
    const child = spawn(process.execPath, [join(folder, file)], {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    let said = "";
    const url = new Promise<string>((resolve) =>
      child.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        const found = /http:\S+/.exec(said)?.[0];
        if (found !== undefined) resolve(found);
      }),
    );
    return within(url, `${file} serves`, PATIENCE_MS);
  }

  async function publish(url: string, room: string, body: unknown): Promise<void> {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${url}rooms/${room}/messages`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    assert.equal(answer.status, 201);
  }

  test("[DOC-8] are at most 20 lines each and fit the types of the packages", async () => {
    const found = programs();
    assert.deepEqual([...found.keys()], ["bot.ts", "webhook.ts"]);
    for (const [file, code] of found) assert.ok(code.trimEnd().split("\n").length <= 20, `${file} is longer`);
    const tsc = join(ROOT, "node_modules", ".bin", "tsc");
    await promisify(execFile)(tsc, ["--noEmit", "-p", folder]).catch((error: { stdout: string }) =>
      assert.fail(error.stdout),
    );
  });

  test("[DOC-8] the bot answers, once", async () => {
    const url = await run("bot.ts");
    const feed = await fetch(`${url}rooms/team-a/messages?after=0`, {
      headers: { accept: "text/event-stream" },
    });
    const texts: string[] = [];
    const heard = (async () => {
      for await (const chunk of feed.body as AsyncIterable<Uint8Array>) {
        texts.push(new TextDecoder().decode(chunk));
        if (/threw [1-6]/.test(texts.join(""))) return;
      }
    })();
    await publish(url, "team-a", { text: "!dice", name: "Ada" });
    await within(heard, "the bot's answer", PATIENCE_MS);
    const page = (await (await fetch(`${url}rooms/team-a/messages`)).json()) as {
      messages: { body: unknown }[];
    };
    assert.equal(page.messages.length, 2);
    assert.match(JSON.stringify(page.messages[1]?.body), /"reply":1/);
  });

  test("[DOC-8] the webhook tells the other server when that one takes it, with a key", async () => {
    const url = await run("webhook.ts");
    const refused = new Promise<void>((resolve) => (onTold = resolve));
    await publish(url, "other", "not told");
    await publish(url, "team-b", "told");
    await within(refused, "the first try", PATIENCE_MS);
    const taken = new Promise<void>((resolve) => (onTold = () => (told.length > 0 ? resolve() : undefined)));
    answers = 200;
    await within(taken, "another try", PATIENCE_MS);
    assert.deepEqual(
      told.map(({ room, body }) => ({ room, body })),
      [{ room: "team-b", body: "told" }],
    );
    assert.match(String(told[0]?.key), /^[\w-]{22}$/);
  });
});
