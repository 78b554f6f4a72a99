import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { ParlorProcess, temporaryFolder, within } from "./parlor-process.ts";
import { ParlorSocket } from "./parlor-socket.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");
const IN_MEMORY = { PORT: "0", PARLOR_LOG: "memory:" };

/** The status of `readyz`; null where nobody listens any more. */
async function readyStatus(url: string): Promise<number | null> {
  try {
    const response = await fetch(`${url}readyz`, { headers: { connection: "close" } });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    // `fetch` says no more than that it failed; the reason is its cause.
    const { code } = (error as { cause?: { code?: string } }).cause ?? {};
    assert.ok(["ECONNREFUSED", "ECONNRESET", "UND_ERR_SOCKET"].includes(code ?? ""), code);
    return null;
  }
}

describe("the parlor command, asked to stop", () => {
  test("[STOP-7] exits 0 at once where nobody is connected", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      using folder = temporaryFolder();
      await using parlor = new ParlorProcess({ args: ["--port", "0", "--data", folder.path] });
      await parlor.url;
      const askedAt = performance.now();
      parlor.kill(signal);
      assert.deepEqual(await parlor.end(), { code: 0, signal: null });
      assert.ok(performance.now() - askedAt < 2_000, `${performance.now() - askedAt} ms`);
      assert.deepEqual(parlor.stderr, []);
    }
  });

  test("[STOP-8] readyz says 503 for 2 s before the listener closes, and everybody hears when to come back", async () => {
    await using parlor = new ParlorProcess({ environment: IN_MEMORY });
    const url = await parlor.url;
    const full = await ParlorSocket.join(url);
    const plain = await ParlorSocket.open(url, "rooms/lobby");
    assert.equal(await readyStatus(url), 200);
    const askedAt = performance.now();
    parlor.kill("SIGTERM");
    let refusals = 0;
    for (;;) {
      const status = await readyStatus(url);
      if (status === null) break;
      if (status === 200) continue;
      assert.equal(status, 503);
      refusals += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // From the signal on: when the first refusal is seen depends on whoever looks.
    const listenedMs = performance.now() - askedAt;
    assert.ok(refusals > 1 && listenedMs > 1_950, `${refusals} refusals, listened for ${listenedMs} ms`);
    const bye = await full.next((frame) => frame["type"] === "bye");
    assert.equal(bye["code"], "draining");
    assert.ok(typeof bye["retryAfterMs"] === "number" && bye["retryAfterMs"] > 0);
    assert.equal((await within(full.closed, "no close")).code, 1001);
    assert.equal((await within(plain.closed, "no close")).code, 1001);
    assert.equal((await parlor.end()).code, 0);
    assert.ok(performance.now() - askedAt < 10_000);
  });

  test("[STOP-9] what was accepted is stored and acked, and there after the restart", async () => {
    using folder = temporaryFolder();
    const args = ["--port", "0", "--data", folder.path, "--publish-per-second", "Infinity"];
    const COUNT = 2_000;
    let acked: Set<unknown>;
    {
      await using parlor = new ParlorProcess({ args });
      const socket = await ParlorSocket.join(await parlor.url);
      for (let seq = 1; seq <= COUNT; seq++) {
        socket.send({ type: "publish", room: "lobby", seq, body: `message ${seq}` });
      }
      await socket.next((frame) => frame["type"] === "ack");
      parlor.kill("SIGTERM");
      await within(socket.closed, "no close");
      assert.equal((await parlor.end()).code, 0);
      acked = new Set(socket.frames.filter((each) => each["type"] === "ack").map((each) => each["seq"]));
      const answers = socket.frames.filter((each) => each["type"] === "ack" || each["type"] === "refused");
      assert.ok(acked.size >= 1);
      for (const each of answers)
        assert.ok(each["type"] === "ack" || each["code"] === "draining", JSON.stringify(each));
    }
    await using again = new ParlorProcess({ args });
    const url = await again.url;
    const stored = new Set<unknown>();
    for (let afterOffset = 0; ; ) {
      const response = await fetch(`${url}rooms/lobby/messages?after=${afterOffset}&limit=500`);
      const page = (await response.json()) as {
        messages: { offset: number; seq: number }[];
        more: boolean;
      };
      for (const { offset, seq } of page.messages) {
        assert.ok(!stored.has(seq), `seq ${seq} is there twice`);
        stored.add(seq);
        afterOffset = offset;
      }
      if (!page.more) break;
    }
    for (const seq of acked) assert.ok(stored.has(seq), `seq ${String(seq)} was acked and is gone`);
  });

  test("[STOP-2] a second signal within a second is the same wish, a later one exits at once", async () => {
    await using patient = new ParlorProcess({ environment: IN_MEMORY });
    const member = await ParlorSocket.join(await patient.url);
    patient.kill("SIGINT");
    patient.kill("SIGINT");
    await member.next((frame) => frame["type"] === "bye");
    assert.equal((await patient.end()).code, 0);

    await using hasty = new ParlorProcess({ environment: IN_MEMORY });
    const stays = await ParlorSocket.open(await hasty.url, "rooms/lobby");
    hasty.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const askedAgainAt = performance.now();
    hasty.kill("SIGINT");
    assert.equal((await hasty.end()).code, 130);
    assert.ok(
      performance.now() - askedAgainAt < 5_000,
      "and not once those who stay are given up, after 9.5 s",
    );
    await within(stays.closed, "no close");
  });

  test("[STOP-10] npm start passes signals on, ends with the server's exit code, and leaves no process", async () => {
    using folder = temporaryFolder();
    const npm = spawn("npm", ["start", "--", "--port", "0", "--data", join(folder.path, "data")], {
      cwd: ROOT,
      // A group of its own, as a terminal gives it, so that what stays behind can be found and ended.
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const { pid } = npm;
    assert.ok(pid !== undefined);
    const ended = new Promise<number | null>((resolve) => npm.on("exit", (code) => resolve(code)));
    try {
      const said: string[] = [];
      const address = new Promise<string>((resolve) => {
        createInterface({ input: npm.stdout }).on("line", (line) => {
          said.push(line);
          const found = / serves (http:\S+)$/.exec(line)?.[1];
          if (found !== undefined) resolve(found);
        });
      });
      const gone = ended.then((code) => {
        throw new Error(`npm start ended with ${code} before it served: ${said.join("\n")}`);
      });
      // It may have to set itself up first.
      const url = await within(Promise.race([address, gone]), "npm start did not serve", 240_000);
      assert.equal((await fetch(`${url}healthz`)).status, 200);
      npm.kill("SIGTERM");
      assert.equal(await within(ended, "npm did not end"), 0);
      assert.equal(await readyStatus(url), null);
      await within(groupIsGone(pid), "a process stayed behind", 5_000);
    } finally {
      endGroup(pid);
    }
    const refused = spawn("npm", ["start", "--", "--port", "http"], { cwd: ROOT, stdio: "ignore" });
    const code = await within(
      new Promise((resolve) => refused.on("exit", resolve)),
      "npm did not end",
      240_000,
    );
    assert.equal(code, 2);
  });
});

/** What has ended is still counted until its parent, or the system, has taken note of it. */
async function groupIsGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(-pid, 0);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, "ESRCH");
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Ends the group that this test started, where anything of it is left. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ESRCH");
  }
}
