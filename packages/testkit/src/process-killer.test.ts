import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { ProcessKiller, type ProcessKillerOptions } from "./process-killer.ts";
import { seededRandom } from "./seeded-random.ts";

/** A server of three lines: says where it serves, ends with 7 when asked to. */
const SERVER = `
const server = require("node:net").createServer((socket) => socket.end(String(process.pid)));
server.listen(Number(process.argv[1]), "127.0.0.1", () => console.log("serves http://127.0.0.1:" + server.address().port));
process.on("SIGTERM", () => { console.error("asked to end"); process.exit(7); });
`;

function killer(options: Partial<ProcessKillerOptions> = {}): ProcessKiller {
  return new ProcessKiller({
    command: (port) => [process.execPath, "-e", SERVER, String(port)],
    random: seededRandom("killer"),
    ...options,
  });
}

async function answer(port: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const [chunk] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return String(chunk);
}

describe("ProcessKiller", () => {
  test("starts a process, and again on the same port after it was killed", async () => {
    await using process = killer();
    await process.start();
    const { port, pid } = process;
    assert.equal(await answer(port), String(pid));
    assert.deepEqual(await process.end(), { exitCode: null, signal: "SIGKILL", stderr: "" });
    assert.equal(process.isRunning, false);
    await process.start();
    assert.equal(process.port, port);
    assert.notEqual(await answer(port), String(pid));
  });

  test("an end that was asked for gives the exit code and what was said", async () => {
    await using process = killer();
    await process.start();
    assert.deepEqual(await process.end("SIGTERM"), { exitCode: 7, signal: null, stderr: "asked to end\n" });
    assert.equal(process.ends.length, 1);
  });

  test("haunting kills so many times at moments of its seed", async () => {
    await using process = killer();
    await process.start();
    await process.haunt(3, { minMs: 0, maxMs: 30, betweenMs: 5 });
    assert.deepEqual(
      process.ends.map(({ signal }) => signal),
      ["SIGKILL", "SIGKILL", "SIGKILL"],
    );
    assert.equal(await answer(process.port), String(process.pid));
  });

  test("a frozen process does not answer until it goes on", async () => {
    await using process = killer();
    await process.start();
    let isFrozen = true;
    const thawed = process.freeze(100).then(() => (isFrozen = false));
    await answer(process.port);
    assert.equal(isFrozen, false);
    await thawed;
  });

  test("a process that ends before it serves is an error with what it said", async () => {
    const script = 'console.error("parlor: no such folder"); process.exit(2)';
    await using process = killer({ command: () => [globalThis.process.execPath, "-e", script] });
    await assert.rejects(process.start(), /ended with 2 before it served:\nparlor: no such folder/);
    assert.equal(process.isRunning, false);
  });

  test("a process that never says that it serves is killed, and an error", async () => {
    // A shell says it at once, however busy the machine is.
    await using process = killer({
      command: () => ["/bin/sh", "-c", "echo hm; exec sleep 60"],
      startTimeoutMs: 2_000,
    });
    await assert.rejects(process.start(), /did not say in time that it serves; it said:\nhm/);
    assert.equal(process.isRunning, false);
  });

  test("a program that is not there is an error", async () => {
    await using process = killer({ command: () => ["/nowhere/at-all"] });
    await assert.rejects(process.start(), /\/nowhere\/at-all ended with 127 before it served/);
  });

  test("what is disposed of is gone, even when it is stopped", async () => {
    const process = killer();
    await process.start();
    const pid = process.pid as number;
    globalThis.process.kill(pid, "SIGSTOP");
    await process[Symbol.asyncDispose]();
    assert.throws(() => globalThis.process.kill(pid, 0), { code: "ESRCH" });
    await process[Symbol.asyncDispose]();
  });
});
