import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SqliteLog } from "@parlor/log";
import {
  crashImages,
  type CrashPoint,
  type DiskEvent,
  diskEvents,
  findProgram,
  parseStrace,
  seededRandom,
  TRACED_CALLS,
} from "@parlor/testkit";
import { Child, type Line } from "./child.ts";
import { isEverErased, powerBody } from "./power-body.ts";

/** What the images of one run showed. */
export interface PowerCuts {
  readonly events: number;
  readonly images: number;
  /** Images in which some sectors of what was on its way arrived and some did not. */
  readonly torn: number;
  /** Acknowledged messages looked for, over all images. */
  readonly ackedChecked: number;
  readonly checkpointed: boolean;
}

/** Images that are opened at the same time. */
const AT_ONCE = 2;
const ALL = { maxMessages: 1_000_000, maxBytes: Infinity };

/**
 * Runs a log under strace, cuts its power in thought at every write, sync and answer, and opens what that
 * could have left.
 *
 * @param count  Appends to each of three rooms.
 * @param keepShare  The share of the images that is opened.
 */
export async function cutPower(count: number, keepShare: number, seed: string): Promise<PowerCuts> {
  const scratch = mkdtempSync(join(tmpdir(), "parlor-power-"));
  try {
    const events = await traceLog(scratch, count);
    let [images, torn, ackedChecked] = [0, 0, 0];
    const points = crashImages(events, seededRandom(seed), keepShare);
    const openImages = async (folder: string): Promise<void> => {
      for (const point of points) {
        images += 1;
        if (typeof point.fate === "object" && "chance" in point.fate) torn += 1;
        ackedChecked += await judge(folder, point);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => openImages(join(scratch, `image${i}`))));
    const firstAnswer = events.findIndex(({ kind }) => kind === "told");
    const checkpointed = events.some(
      (event, i) => i > firstAnswer && event.kind === "write" && event.file === "parlor.db",
    );
    return { events: events.length, images, torn, ackedChecked, checkpointed };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function traceLog(scratch: string, count: number): Promise<DiskEvent[]> {
  const folder = join(scratch, "log");
  const trace = join(scratch, "trace");
  const child = new Child(
    ["power", folder, String(count)],
    [
      findProgram("strace"),
      "-f",
      // Only the calls that are traced stop the process.
      "--seccomp-bpf",
      "-y",
      "-s",
      "1000000",
      "-o",
      trace,
      "-e",
      `trace=${TRACED_CALLS}`,
    ],
  );
  assert.equal(await child.exited, 0, "the log's process ended well");
  const isIgnored = (name: string): boolean => name.endsWith("-shm") || name.startsWith("parlor.lock");
  const events = diskEvents(parseStrace(readFileSync(trace, "latin1")), { folder, isIgnored });
  assert.ok(events.some(({ kind }) => kind === "sync"));
  return events;
}

/** Opens one image as a restarted server would; returns how many acknowledged messages it had to have. */
async function judge(folder: string, { image, told, after, fate }: CrashPoint): Promise<number> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [file, bytes] of image) writeFileSync(join(folder, file), bytes);
  const where = `power cut after event ${after}, of what was on its way ${JSON.stringify(fate)}`;
  const lines = told
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);
  const acked = lines.flatMap((line) => line.acked ?? []);
  const erased = lines.flatMap((line) => line.erased ?? []);
  const log = await SqliteLog.open({ folder }).catch((error: unknown) => {
    throw new Error(`${where}: it does not open`, { cause: error });
  });
  try {
    for (const room of ["a", "b", "c"]) {
      const { messages } = await log.read(room, 0, ALL);
      const mustHave = acked.filter((ack) => ack.room === room);
      // One producer, one message after the other: what is there is a beginning of what was appended.
      assert.deepEqual(
        messages.map(({ offset, seq }) => [offset, seq]),
        messages.map((_, i) => [i + 1, i + 1]),
        `${where}: ${room} has holes`,
      );
      const last = mustHave.at(-1);
      assert.ok(
        messages.length >= mustHave.length,
        `${where}: ${room} has ${messages.length} messages, ${mustHave.length} were acknowledged`,
      );
      for (const { offset, bodyJson } of messages) {
        if (bodyJson === null) {
          assert.ok(isEverErased(offset), `${where}: the body of ${room}:${offset} is gone`);
          continue;
        }
        assert.equal(bodyJson, powerBody(room, offset), `${where}: ${room}:${offset} is another`);
        assert.ok(
          !erased.some((it) => it.room === room && it.seq === offset),
          `${where}: ${room}:${offset} came back`,
        );
      }
      if (last === undefined) continue;
      const repeated = await log.append({
        room,
        from: "child-identity",
        producer: "producer1",
        seq: last.seq,
        afterSeq: last.seq - 1,
        bodyJson: powerBody(room, last.seq),
        remember: true,
        admit: "any",
      });
      assert.equal(repeated.kind, "duplicate", `${where}: ${room} forgot its producer`);
    }
  } finally {
    await log.close();
  }
  const db = new DatabaseSync(join(folder, "parlor.db"));
  try {
    assert.deepEqual({ ...db.prepare("PRAGMA integrity_check").get() }, { integrity_check: "ok" }, where);
  } finally {
    db.close();
  }
  return acked.length;
}
