import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { systemClock, type Clock } from "@parlor/base";
import { Files } from "@parlor/server";
import { uploadFile } from "@parlor/testkit";
import { startAbused, type AbusedServer } from "../../support/abused-server.ts";
import { temporaryFolder } from "../../support/sqlite-folder.ts";
import { turns } from "../../support/turns.ts";
import type { GivenFiles } from "./file-requests.ts";

/** What stands in a room that nobody may read: no answer may ever hold it. */
const VAULTED = "what is in the vault stays in the vault";

/** A second of the server's is 20 ms of the test's: a poll that waits for 25 s ends while one looks. */
const HURRY = 50;

const hurriedClock: Clock = {
  ...systemClock,
  monotonic: () => systemClock.monotonic() * HURRY,
  after: (delayMs, task) => systemClock.after(delayMs / HURRY, task),
};

export interface FuzzedServer extends AbusedServer {
  /** A file of the lobby, and an upload to it that has not ended. */
  readonly given: GivenFiles;
  /** That an answer holds nothing of the vault. */
  assertNoSecret(answer: string): void;
  /** That the server had no fault, holds no connection of all those, and serves others. */
  assertOver(): Promise<void>;
}

export async function startFuzzed(t: TestContext): Promise<FuzzedServer> {
  const files = await Files.open({ folder: await temporaryFolder(t), collects: false });
  const server = await startAbused(t, {
    files,
    clock: hurriedClock,
    // Above what a hurried day has, so that no heartbeat comes in between.
    heartbeatMs: 3_600_000,
    origins: ["https://listed.example"],
    trustProxy: ["127.0.0.1"],
    authorize: ({ room }) => room !== "vault",
  });
  await server.parlor.room("vault").publish(VAULTED);
  for (const body of ["one", "two", "three"]) await server.parlor.room("lobby").publish(body);
  t.after(() => files.close());
  const room = `${server.origin}/rooms/lobby`;
  return {
    ...server,
    given: await filesFor(room),
    assertNoSecret: (answer) => assert.ok(!answer.includes(VAULTED), answer),
    async assertOver() {
      for (;;) {
        const metrics = await (await fetch(`${server.origin}/metrics`)).text();
        const open = [...metrics.matchAll(/^parlor_connections\{transport="(\w+)"\} (\d+)$/gm)];
        assert.equal(open.length, 6);
        // The bystander's is one; the others' ends are on their way, or this never ends.
        if (open.every(([, kind, count]) => Number(count) === (kind === "websocket" ? 1 : 0))) {
          assert.match(metrics, /^parlor_internal_faults_total 0$/m);
          break;
        }
        await turns();
      }
      await server.assertUnharmed();
    },
  };
}

const KEY = "a-key-of-the-fuzzer-that-is-long";

async function filesFor(room: string): Promise<GivenFiles> {
  const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
  const file = await uploadFile(room, KEY, Buffer.from("what everybody in the lobby may read"));
  const said = { method: "POST", headers, body: JSON.stringify({ text: "here", files: [file] }) };
  await (await fetch(`${room}/messages`, said)).text();
  const begun = await fetch(`${room}/files`, { method: "POST", headers, body: '{"size":1000000}' });
  const { upload } = (await begun.json()) as { upload: string };
  return { upload, hash: file.hash };
}
