import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ParlorProcess, type StartOptions, temporaryFolder } from "./parlor-process.ts";
import { ParlorSocket } from "./parlor-socket.ts";

const IN_MEMORY = { PORT: "0", PARLOR_LOG: "memory:" };

async function refusedStart(options: StartOptions): Promise<string> {
  await using parlor = new ParlorProcess(options);
  assert.equal((await parlor.end()).code, 2, parlor.stderr.join("\n"));
  assert.deepEqual(parlor.stdout, []);
  assert.equal(parlor.stderr.length, 1, parlor.stderr.join("\n"));
  const [sentence = ""] = parlor.stderr;
  assert.match(sentence, /^parlor: .+\.$/);
  return sentence;
}

describe("the parlor command", () => {
  test("[START-7] prints the address that it serves, and keeps its data in one folder, made if missing", async () => {
    using folder = temporaryFolder();
    const data = join(folder.path, "new", "data");
    await using parlor = new ParlorProcess({ entry: "main.ts", args: ["--port", "0", "--data", data] });
    const url = await parlor.url;
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    for (const path of ["healthz", "readyz", "", "r/lobby", "tutorial", "tutorial/compare"]) {
      assert.equal((await fetch(url + path)).status, 200, path);
    }
    assert.ok(existsSync(join(data, "parlor.db")), readdirSync(data).join());
    assert.ok(parlor.stdout.some((line) => line.includes(data)));
  });

  test("[START-7] in memory it makes no folder", async () => {
    using folder = temporaryFolder();
    const data = join(folder.path, "data");
    await using parlor = new ParlorProcess({ args: ["--port=0", "--log=memory:", "--data", data] });
    await parlor.url;
    assert.equal(existsSync(data), false);
  });

  test("[START-7] keeps its rooms elsewhere where the log says so", async () => {
    using folder = temporaryFolder();
    const rooms = join(folder.path, "rooms");
    await using parlor = new ParlorProcess({
      args: ["--port=0", `--log=sqlite:${rooms}`, "--data", join(folder.path, "data")],
    });
    await parlor.url;
    assert.ok(existsSync(join(rooms, "parlor.db")));
  });

  test("[START-2] reads the environment, and a flag wins over it", async () => {
    await using parlor = new ParlorProcess({
      args: ["--port", "0", "--max-body-bytes", "2000"],
      environment: {
        ...IN_MEMORY,
        PORT: "1",
        HOST: "::1",
        PARLOR_BASE_PATH: "/deep/base",
        PARLOR_MAX_BODY_BYTES: "1000",
        PARLOR_HEARTBEAT_MS: "12345",
        PARLOR_SIGNALS_PER_SECOND: "7",
      },
    });
    const url = await parlor.url;
    assert.match(url, /^http:\/\/\[::1\]:\d+\/deep\/base\/$/);
    assert.equal((await fetch(`${url}readyz`)).status, 200);
    assert.equal((await fetch(new URL("/readyz", url))).status, 404);
    const socket = await ParlorSocket.join(url);
    const welcome = await socket.next((frame) => frame["type"] === "welcome");
    assert.equal(welcome["heartbeatMs"], 12345);
    const limits = welcome["limits"] as Record<string, unknown>;
    assert.equal(limits["maxBodyBytes"], 2000);
    assert.equal(limits["signalsPerSecond"], 7);
    socket.close();
  });

  test("[START-2] connections per address, trusted proxies and origins reach the server", async () => {
    await using parlor = new ParlorProcess({
      environment: {
        ...IN_MEMORY,
        PARLOR_CONNECTIONS_PER_ADDRESS: "1",
        PARLOR_TRUST_PROXY: "127.0.0.1",
        PARLOR_ORIGINS: "https://chat.example",
      },
    });
    const url = await parlor.url;
    const messages = `${url}rooms/lobby/messages`;
    const statusFor = async (headers: Record<string, string>): Promise<number> => {
      const response = await fetch(messages, { headers });
      await response.body?.cancel();
      return response.status;
    };
    assert.equal(await statusFor({ origin: "https://chat.example" }), 200);
    assert.equal(await statusFor({ origin: "https://evil.example" }), 403);
    const socket = await ParlorSocket.open(url, "rooms/lobby");
    await assert.rejects(ParlorSocket.open(url, "rooms/lobby"), /refused/);
    const stream = { accept: "text/event-stream" };
    assert.equal(await statusFor(stream), 429);
    assert.equal(await statusFor({ ...stream, "x-forwarded-for": "192.0.2.1" }), 200);
    socket.close();
  });

  test("[START-2] the publish rate and what is retained reach the server", async () => {
    await using parlor = new ParlorProcess({
      environment: { ...IN_MEMORY, PARLOR_PUBLISH_PER_SECOND: "1", PARLOR_RETAIN_MESSAGES: "2" },
    });
    const url = await parlor.url;
    const socket = await ParlorSocket.open(url, "rooms/lobby");
    for (let i = 0; i < 6; i++) socket.send(`message ${i}`);
    const refusal = await socket.next((frame) => "error" in frame);
    assert.equal((refusal["error"] as Record<string, unknown>)["code"], "rate-limited");
    socket.close();
    const deadline = performance.now() + 30_000;
    for (;;) {
      const page = (await (await fetch(`${url}rooms/lobby/messages`)).json()) as { messages: unknown[] };
      assert.ok(page.messages.length <= 5);
      if (page.messages.length === 2) break;
      assert.ok(performance.now() < deadline, `${page.messages.length} messages are still kept`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });

  test("[START-3] an unknown flag or a bad value is one sentence and exit code 2", async () => {
    assert.match(await refusedStart({ args: ["--prot", "1"] }), /--prot/);
    assert.match(await refusedStart({ args: ["--port", "http"] }), /--port takes .+"http"/);
    assert.match(await refusedStart({ environment: { PORT: "http" } }), /PORT takes .+"http"/);
  });

  test("[START-4] what is no command says so and exits 2", async () => {
    assert.match(await refusedStart({ args: ["copi", "x"] }), /There is no command "copi"/);
  });

  test("[START-5] --help and --version answer on standard output and exit 0", async () => {
    for (const [flag, pattern] of [
      ["--help", /--publish-per-second RATE +PARLOR_PUBLISH_PER_SECOND/],
      ["--version", /^parlor \d+\.\d+\.\d+$/m],
    ] as const) {
      await using parlor = new ParlorProcess({ args: [flag] });
      assert.equal((await parlor.end()).code, 0);
      assert.match(parlor.stdout.join("\n"), pattern);
      assert.deepEqual(parlor.stderr, []);
    }
  });

  test("[START-8] a second process on the same folder says so and exits 2, and the first goes on", async () => {
    using folder = temporaryFolder();
    const args = ["--port", "0", "--data", folder.path];
    await using first = new ParlorProcess({ args });
    const url = await first.url;
    assert.ok((await refusedStart({ args })).includes(folder.path));
    const posted = await fetch(`${url}rooms/lobby/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": "one" },
      body: '"still here"',
    });
    assert.equal(posted.status, 201);
  });

  test("[START-8] the folder is free again after a crash", async () => {
    using folder = temporaryFolder();
    const args = ["--port", "0", "--data", folder.path];
    {
      await using first = new ParlorProcess({ args });
      await first.url;
      first.kill("SIGKILL");
      assert.equal((await first.end()).signal, "SIGKILL");
    }
    await using second = new ParlorProcess({ args });
    assert.equal((await fetch(`${await second.url}readyz`)).status, 200);
  });

  test("[START-9] a port in use, a foreign address or an unusable folder is one sentence and exit code 2", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const port = String((other.address() as AddressInfo).port);
    try {
      assert.ok(
        (await refusedStart({ args: ["--port", port], environment: { PARLOR_LOG: "memory:" } })).includes(
          port,
        ),
      );
    } finally {
      other.close();
    }
    assert.match(await refusedStart({ environment: { ...IN_MEMORY, HOST: "192.0.2.1" } }), /192\.0\.2\.1/);
    using folder = temporaryFolder();
    const file = join(folder.path, "file");
    writeFileSync(file, "not a folder");
    assert.ok((await refusedStart({ args: ["--port", "0", "--data", join(file, "data")] })).includes(file));
    writeFileSync(
      join(folder.path, "parlor.db"),
      "not a database, but somebody's notes about one\n".repeat(50),
    );
    assert.match(await refusedStart({ args: ["--port", "0", "--data", folder.path] }), /parlor\.db/);
  });

  test("[START-10] the installed command says which Node it needs where Node is too old for it", async () => {
    await using parlor = new ParlorProcess({ entry: "parlor.mjs", nodeArgs: ["--no-strip-types"] });
    assert.equal((await parlor.end()).code, 2);
    assert.match(parlor.stderr.join("\n"), /^parlor needs Node 22\.18 or later/);
    await using fits = new ParlorProcess({ entry: "parlor.mjs", args: ["--version"] });
    assert.equal((await fits.end()).code, 0);
  });

  test("[START-6] the operator's key stands in nothing that it writes", async () => {
    await using parlor = new ParlorProcess({
      environment: { ...IN_MEMORY, PARLOR_OPERATOR_KEY: "hush-hush-hush" },
    });
    await parlor.url;
    parlor.kill("SIGTERM");
    await parlor.end();
    assert.ok(!`${parlor.stdout.join()}${parlor.stderr.join()}`.includes("hush"));
  });
});
