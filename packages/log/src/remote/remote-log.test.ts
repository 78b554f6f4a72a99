import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { lstat, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { appendOf, fill } from "@parlor/testkit";
import { MemoryLog } from "../memory-log.ts";
import type { Append, AppendResult, LogStatus, RoomChange, RoomLog, TailEvent } from "../room-log.ts";
import { LINK_VERSION } from "./handshake.ts";
import { encodeLinkFrame, type LinkFrame, LinkFrameReader, linkFrame } from "./link-frame.ts";
import { LogHost } from "./log-host.ts";
import { readEvent } from "./message-columns.ts";
import { packQuestion } from "./questions.ts";
import { RemoteLog } from "./remote-log.ts";
import { ColumnReader } from "./text-columns.ts";

/** Comes back at once, so that no test waits for chance. */
const atOnce = (): number => 0;
const ROOM = "lobby";

async function socketPath(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "parlor-remote-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "log.sock");
}

async function start(
  t: TestContext,
  owned: RoomLog,
): Promise<{ host: LogHost; path: string; log: RemoteLog }> {
  const path = await socketPath(t);
  const host = await LogHost.listen({ log: owned, path });
  const log = await RemoteLog.open({ path, random: atOnce });
  t.after(async () => {
    await log.close();
    await host.close();
    await owned.close();
  });
  return { host, path, log };
}

function becomes(log: RoomLog, kind: LogStatus["kind"]): Promise<void> {
  return new Promise((resolve) => {
    if (log.status.kind === kind) return resolve();
    const stop = log.onStatus((status) => {
      if (status.kind !== kind) return;
      stop();
      resolve();
    });
  });
}

/** What a tail was told, and a way to wait for one of its events. */
class Told {
  readonly events: TailEvent[] = [];
  #look = (): void => undefined;

  readonly listener = (event: TailEvent): void => {
    this.events.push(event);
    this.#look();
  };

  first<Kind extends TailEvent["kind"]>(kind: Kind): Promise<Extract<TailEvent, { kind: Kind }>> {
    return new Promise((resolve) => {
      this.#look = () => {
        const found = this.events.find((event) => event.kind === kind);
        if (found !== undefined) resolve(found as Extract<TailEvent, { kind: Kind }>);
      };
      this.#look();
    });
  }
}

/** Stores what it is given, and keeps its answers to itself until `letGo`. */
class SilentLog extends MemoryLog {
  readonly #stored: (() => void)[] = [];
  #isSilent = true;
  #onStored = (): void => undefined;

  override async append(append: Append): Promise<AppendResult> {
    const result = await super.append(append);
    this.#onStored();
    if (this.#isSilent) await new Promise<void>((resolve) => this.#stored.push(resolve));
    return result;
  }

  stored(): Promise<void> {
    return new Promise((resolve) => (this.#onStored = resolve));
  }

  letGo(): void {
    this.#isSilent = false;
    for (const go of this.#stored) go();
  }
}

describe("RemoteLog", () => {
  test("[LOG-60] an append whose answer a broken link took is unavailable, and sent again a duplicate", async (t) => {
    const owned = new SilentLog();
    const { host, log } = await start(t, owned);
    const stored = owned.stored();
    const append = log.append(appendOf(ROOM, 1));
    await stored;
    const down = becomes(log, "unreachable");
    host.cutLinks();
    await assert.rejects(append, { code: "unavailable", message: /send it again/ });
    await down;
    owned.letGo();
    await becomes(log, "ready");
    const again = await log.append(appendOf(ROOM, 1));
    assert.deepEqual([again.kind, "offset" in again ? again.offset : null], ["duplicate", 1]);
  });

  test("[LOG-61] while the link is down everything is refused in words, and the status says so until it is back", async (t) => {
    const owned = new MemoryLog();
    const path = await socketPath(t);
    const first = await LogHost.listen({ log: owned, path });
    const log = await RemoteLog.open({ path, random: atOnce });
    t.after(() => log.close());
    const seen: LogStatus[] = [];
    log.onStatus((status) => seen.push(status));
    const down = becomes(log, "unreachable");
    await first.close();
    await down;
    const unavailable = { code: "unavailable", message: /owner can't be reached/ };
    await assert.rejects(log.append(appendOf(ROOM, 1)), unavailable);
    await assert.rejects(log.read(ROOM, 0, { maxMessages: 1, maxBytes: 1 }), unavailable);
    await assert.rejects(log.head(ROOM), unavailable);
    await assert.rejects(
      log.tail(ROOM, () => undefined),
      unavailable,
    );
    const second = await LogHost.listen({ log: owned, path });
    t.after(() => second.close());
    await becomes(log, "ready");
    assert.deepEqual(
      seen.map(({ kind }) => kind),
      ["unreachable", "ready"],
    );
    assert.equal((await log.append(appendOf(ROOM, 1))).kind, "appended");
  });

  test("[LOG-62] a tail that the link lost is followed again, and told where its room stands though nobody writes", async (t) => {
    const owned = new MemoryLog();
    const { host, log } = await start(t, owned);
    const told = new Told();
    await log.tail(ROOM, told.listener);
    await fill(log, ROOM, 2);
    await told.first("messages");
    const down = becomes(log, "unreachable");
    host.cutLinks();
    await down;
    await fill(owned, ROOM, 3, () => ({ producer: "producer2" }));
    const { epoch } = await owned.head(ROOM);
    assert.deepEqual(await told.first("missed"), { kind: "missed", epoch, head: 5, earliest: 1 });
    told.events.length = 0;
    await owned.append(appendOf(ROOM, 4, { producer: "producer2" }));
    const next = await told.first("messages");
    assert.deepEqual([next.after, next.messages.length], [5, 1]);
  });

  test("[LOG-62] an owner with another history says so to a tail that comes back", async (t) => {
    const path = await socketPath(t);
    const first = await LogHost.listen({ log: new MemoryLog({ epoch: "one" }), path });
    const log = await RemoteLog.open({ path, random: atOnce });
    t.after(() => log.close());
    const told = new Told();
    await log.tail(ROOM, told.listener);
    await first.close();
    const second = await LogHost.listen({ log: new MemoryLog({ epoch: "two" }), path });
    t.after(() => second.close());
    assert.deepEqual(await told.first("missed"), { kind: "missed", epoch: "two", head: 0, earliest: 1 });
  });

  test("[LOG-62] a tail that was closed, and one that closed while the link was down, is followed no more", async (t) => {
    const owned = new MemoryLog();
    const { host, log } = await start(t, owned);
    const [early, late, other] = [new Told(), new Told(), new Told()];
    const tails = await Promise.all([early, late].map((told) => log.tail(ROOM, told.listener)));
    await log.tail("other", other.listener);
    tails[0]?.close();
    const down = becomes(log, "unreachable");
    host.cutLinks();
    await down;
    tails[1]?.close();
    await other.first("missed");
    await fill(log, ROOM, 1);
    await fill(log, "other", 1);
    await other.first("messages");
    assert.deepEqual([early.events, late.events], [[], []]);
  });

  test("[LOG-69] who watches goes on watching over the next link, and is told that it missed some", async (t) => {
    const owned = new MemoryLog();
    const { host, log } = await start(t, owned);
    const changes: RoomChange[] = [];
    let onChange = (): void => undefined;
    await log.watch((change) => {
      changes.push(change);
      onChange();
    });
    const told = (kind: RoomChange["kind"]): Promise<void> =>
      new Promise((resolve) => {
        onChange = () => (changes.at(-1)?.kind === kind ? resolve() : undefined);
      });
    const missed = told("missed");
    const down = becomes(log, "unreachable");
    host.cutLinks();
    await down;
    await missed;
    const written = told("written");
    await fill(owned, ROOM, 1);
    await written;
    const { epoch } = await owned.head(ROOM);
    assert.deepEqual(changes, [{ kind: "missed" }, { kind: "written", room: ROOM, epoch, head: 1 }]);
  });

  test("[LOG-63] an owner of another build refuses in words, and is not asked again", async (t) => {
    const path = await socketPath(t);
    const host = await LogHost.listen({ log: new MemoryLog(), path, build: "1.2.3" });
    t.after(() => host.close());
    await assert.rejects(RemoteLog.open({ path, build: "1.2.4" }), {
      code: "log-other-build",
      message: /owner .* of build 1\.2\.3 .* this process of build 1\.2\.4 .* start both anew/,
    });
    const right = await RemoteLog.open({ path, build: "1.2.3" });
    await right.close();
  });

  test("[LOG-63] a worker whose owner was replaced by one of another build has failed, in words", async (t) => {
    const path = await socketPath(t);
    const first = await LogHost.listen({ log: new MemoryLog(), path, build: "1" });
    const log = await RemoteLog.open({ path, build: "1", random: atOnce });
    t.after(() => log.close());
    await first.close();
    const second = await LogHost.listen({ log: new MemoryLog(), path, build: "2" });
    t.after(() => second.close());
    await becomes(log, "failed");
    await assert.rejects(log.append(appendOf(ROOM, 1)), { code: "unavailable", message: /of build 2/ });
  });

  test("[LOG-63] where no owner comes in time, opening is refused", async (t) => {
    const path = await socketPath(t);
    await assert.rejects(RemoteLog.open({ path, openWithinMs: 30 }), { code: "unavailable" });
  });

  test("[LOG-66] what does not keep to the link's rules is cut off, and both ends say why", async (t) => {
    const path = await socketPath(t);
    const faults: string[] = [];
    const host = await LogHost.listen({
      log: new MemoryLog(),
      path,
      onFault: (sentence) => faults.push(sentence),
    });
    t.after(() => host.close());
    const stranger = connect(path);
    stranger.write(encodeLinkFrame(linkFrame("append")));
    await once(stranger, "close");
    assert.deepEqual(faults, ["A worker of the log was cut off: a worker began with append."]);

    const other = await socketPath(t);
    const owner = createServer((socket) => {
      const status = JSON.stringify({ kind: "ready" });
      socket.write(encodeLinkFrame(linkFrame("welcome", 0, status)));
      socket.write(encodeLinkFrame(linkFrame("append")));
    });
    owner.listen(other);
    t.after(() => owner.close());
    // It comes back no sooner than a test may look.
    const log = await RemoteLog.open({ path: other, random: () => 1 });
    t.after(() => log.close());
    await becomes(log, "unreachable");
    assert.match(JSON.stringify(log.status), /given up: the owner of the log sent append/);
  });

  test("[LOG-64] a worker that takes nothing is told no more, and once it takes again, which rooms it missed", async (t) => {
    const owned = new MemoryLog();
    const { path, log } = await start(t, owned);
    const slow = connect(path);
    t.after(() => slow.destroy());
    await once(slow, "connect");
    const { text, numbers } = packQuestion({ kind: "follow", room: ROOM, number: 7, again: false });
    slow.write(
      encodeLinkFrame(linkFrame("hello", 0, JSON.stringify({ link: LINK_VERSION, build: "unknown" }))),
    );
    slow.write(encodeLinkFrame(linkFrame("ask", 1, text, numbers)));
    const reader = new LinkFrameReader();
    const frames: LinkFrame[] = [];
    slow.on("data", (chunk: Buffer) => frames.push(...reader.take(chunk)));
    while (!frames.some(({ kind }) => kind === "value")) await once(slow, "data");
    slow.pause();
    const before = process.memoryUsage().external;
    const COUNT = 1_000;
    const bodyJson = JSON.stringify("x".repeat(60_000));
    // A message erased at once costs the log nothing; what is kept for the slow one would show.
    for (let seq = 1; seq <= COUNT; seq++) {
      await log.append(appendOf(ROOM, seq, { bodyJson }));
      await log.trim(ROOM, seq + 1);
    }
    const grown = process.memoryUsage().external - before;
    assert.ok(grown < 30_000_000, `${grown} bytes were kept for a worker that takes nothing`);
    slow.resume();
    const missed = (): TailEvent | undefined =>
      frames
        .filter(({ kind }) => kind === "event")
        .map((frame) => readEvent(new ColumnReader(frame)))
        .find(({ kind }) => kind === "missed");
    while (missed() === undefined) await once(slow, "data");
    const event = missed();
    assert.ok(event?.kind === "missed" && event.head === COUNT, JSON.stringify(event));
  });

  test("[LOG-65] an owner takes the place of one that was killed, of no other one, and of no other file", async (t) => {
    const path = await socketPath(t);
    const killed = spawn(process.execPath, [
      "-e",
      'require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))',
      path,
    ]);
    await once(killed, "exit");
    assert.equal(killed.signalCode, "SIGKILL");
    assert.ok((await lstat(path)).isSocket(), "it left its name behind");
    const owned = new MemoryLog();
    const host = await LogHost.listen({ log: owned, path });
    const refusal = (message: RegExp): object => ({ code: "unavailable", message });
    await assert.rejects(LogHost.listen({ log: owned, path }), refusal(/another owner listens there/));
    await host.close();
    assert.equal(existsSync(path), false);
    await writeFile(path, "mine");
    await assert.rejects(LogHost.listen({ log: owned, path }), refusal(/no socket/));
    assert.equal(await readFile(path, "utf8"), "mine");
  });

  test("[LOG-61] the state of the owner's log is the worker's, and one that failed may be replaced", async (t) => {
    const owned = new MemoryLog();
    let tell: (status: LogStatus) => void = () => assert.fail("nobody listens");
    owned.onStatus = (listener) => {
      tell = listener;
      return () => undefined;
    };
    const { log } = await start(t, owned);
    const full: LogStatus = { kind: "full", message: "the disk is full" };
    Object.defineProperty(owned, "status", { configurable: true, get: () => full });
    tell(full);
    await becomes(log, "full");
    assert.deepEqual(log.status, full);
    Object.defineProperty(owned, "status", { get: () => ({ kind: "failed", message: "EIO" }) });
    tell(owned.status);
    await becomes(log, "unreachable");
    assert.match("message" in log.status ? log.status.message : "", /failed: EIO/);
  });
});
