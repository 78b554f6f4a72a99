import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { RawSocketPeer } from "@parlor/testkit";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";
import { ParlorSocket } from "./parlor-socket.ts";

const READERS = 20;
const MESSAGES = 2_000;
const BODY = "x".repeat(30_000);
const MAX_GROWTH_MB = 100;

/** What `npm start` gives to Node, so that what is measured here is what people run. */
function nodeArgsOfStart(): string[] {
  const manifest = readFileSync(join(import.meta.dirname, "../../../../package.json"), "utf8");
  const { scripts } = JSON.parse(manifest) as { readonly scripts: { readonly start: string } };
  return /exec node (.*) apps\/chat\/server\/main\.ts$/.exec(scripts.start)?.[1]?.split(" ") ?? [];
}

/** Resident memory of a process now, and the most that it ever was, MB. */
function residentMb(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]);
  return { now: kilobytes("VmRSS") / 1024, peak: kilobytes("VmHWM") / 1024 };
}

describe("stalled readers of a server that has just started", { skip: process.platform !== "linux" }, () => {
  test("[SLOW-50] twenty that stall while 60 MB pass make it grow by less than 100 MB, its log's cache included", async (t) => {
    using data = temporaryFolder();
    const nodeArgs = nodeArgsOfStart();
    assert.notDeepEqual(nodeArgs, []);
    await using server = new ParlorProcess({
      entry: "main.ts",
      nodeArgs,
      args: ["--data", data.path, "--port", "0", "--publish-per-second", "Infinity"],
    });
    const url = await server.url;
    const port = Number(new URL(url).port);
    const readers: RawSocketPeer[] = [];
    t.after(() => {
      for (const reader of readers) reader.destroy();
    });
    for (let i = 0; i < READERS; i++) {
      const reader = await RawSocketPeer.open({ port });
      readers.push(reader);
      reader.send({ type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" });
      reader.send({ type: "subscribe", room: "lobby" });
      await reader.readJsonWith({ type: "subscribed" });
      reader.pause();
    }
    const publisher = await ParlorSocket.join(url);
    const before = residentMb(server.pid);
    for (let seq = 1; seq <= MESSAGES; seq++) {
      publisher.send({ type: "publish", room: "lobby", seq, body: BODY });
      await publisher.next((frame) => frame["type"] === "ack" && frame["seq"] === seq);
      publisher.frames.length = 0;
    }
    const grownMb = residentMb(server.pid).peak - before.now;
    t.diagnostic(`grew by ${grownMb.toFixed(1)} MB at most, from ${before.now.toFixed(1)} MB`);
    assert.ok(grownMb < MAX_GROWTH_MB, `it grew by ${grownMb.toFixed(1)} MB`);

    // A few: that each of twenty gets all is seen where a server takes less time to start.
    for (const reader of readers.slice(0, 3)) {
      reader.resume();
      for (let cursor = 0; cursor < MESSAGES; ) {
        const frame = (await reader.readJson()) as {
          type: string;
          after: number;
          messages: { offset: number }[];
        };
        if (frame.type !== "messages") continue;
        assert.equal(frame.after, cursor);
        cursor = frame.messages.at(-1)?.offset ?? cursor;
      }
    }
    publisher.close();
  });
});
