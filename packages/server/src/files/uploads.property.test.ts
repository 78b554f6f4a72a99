import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import fc from "fast-check";
import { systemClock } from "@parlor/base";
import { FileDesk, type Progress } from "./file-desk.ts";
import { Files } from "./files.ts";

/** One request of one of several clients that bring the same upload, each through one of two processes. */
interface Step {
  readonly process: 0 | 1;
  /** Whether it asks first where the upload stands, or believes what it knew last. */
  readonly asks: boolean;
  /** Bytes until its line breaks; beyond the end it does not. */
  readonly brings: number;
  /** Bytes a chunk. */
  readonly chunk: number;
  /** Whether the next step waits for this one. */
  readonly isAwaited: boolean;
}

const SIZE = 240;

const step: fc.Arbitrary<Step> = fc.record({
  process: fc.constantFrom(0 as const, 1 as const),
  asks: fc.boolean(),
  brings: fc.integer({ min: 0, max: SIZE + 60 }),
  chunk: fc.integer({ min: 1, max: 100 }),
  isAwaited: fc.boolean(),
});

describe("uploads at every interleaving", () => {
  test("[FILE-2] whoever brings how much of an upload when, cut wherever, at whichever process: it becomes the file, once, and nothing else stays (B53)", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "parlor-uploads-"));
    const files = [await openFiles(t, folder), await openFiles(t, folder)] as const;
    const desks = files.map(({ store, ledger, limits }) => new FileDesk(store, ledger, limits, systemClock));
    const at = (process: 0 | 1): FileDesk => desks[process] as FileDesk;
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        run += 1;
        const room = `room-${run}`;
        const content = Buffer.from(`${run}|`.repeat(SIZE)).subarray(0, SIZE);
        const id = await at(0).begin({ room, identity: `ada-${run}`, address: `${run}`, size: SIZE });
        let known = 0;
        const bring = async ({ process, asks, brings, chunk }: Step): Promise<void> => {
          if (asks) known = standsAt(await at(process).progress(id, room));
          const told = await at(process).add(
            id,
            room,
            known,
            pieces(content.subarray(known), brings, chunk),
            () => Promise.resolve(0),
          );
          known = standsAt(told);
        };
        const running: Promise<void>[] = [];
        for (const each of steps) {
          const one = bring(each);
          running.push(one);
          if (each.isAwaited) await one;
        }
        await Promise.all(running);
        // Somebody comes to the end.
        for (const process of [0, 1, 0] as const)
          await bring({ process, asks: true, brings: SIZE * 2, chunk: 64, isAwaited: true });
        const done = await at(1).progress(id, room);
        assert.ok(done.kind === "done");
        const chunks = [];
        for await (const bytes of at(0).read(done.file.hash, 0, SIZE)) chunks.push(bytes);
        assert.deepEqual(Buffer.concat(chunks), content);
        assert.deepEqual(await namesIn(folder), [done.file.hash]);
        await at(0).dropRoom(room);
      }),
      { numRuns: 40 },
    );
  });

  test("[FILE-7] an upload that comes a byte at a time is given up in words, and leaves nothing", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "parlor-uploads-"));
    const { store, ledger, limits } = await openFiles(t, folder);
    const desk = new FileDesk(store, ledger, { ...limits, maxCuts: 5 }, systemClock);
    const id = await desk.begin({ room: "lobby", identity: "eve", address: "1", size: SIZE });
    const bring = (at: number): Promise<Progress> =>
      desk.add(id, "lobby", at, pieces(Buffer.alloc(SIZE), 1, 1), () => Promise.resolve(0));
    let at = 0;
    while (at < 7) at = standsAt(await bring(at));
    await assert.rejects(bring(at), { code: "too-large", message: /too many pieces, more than 5/ });
    assert.equal((await desk.progress(id, "lobby")).kind, "none");
    assert.deepEqual(await namesIn(folder), []);
  });
});

async function openFiles(t: TestContext, folder: string): Promise<Files> {
  const files = await Files.open({ folder });
  t.after(async () => {
    await files.close();
    await rm(folder, { recursive: true, force: true });
  });
  return files;
}

/** Of all that lies there but the ledger. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const left = await readdir(folder, { recursive: true, withFileTypes: true });
  return left.filter((each) => each.isFile() && !each.name.startsWith("ledger")).map(({ name }) => name);
}

function standsAt(progress: Progress): number {
  if (progress.kind === "none") throw new Error("the upload is gone");
  return progress.kind === "done" ? SIZE : progress.received;
}

/** What comes before the line breaks, in chunks; a line that breaks does so with a fault. */
async function* pieces(bytes: Buffer, brings: number, chunk: number): AsyncIterable<Uint8Array> {
  const whole = bytes.subarray(0, brings);
  for (let at = 0; at < whole.length; at += chunk) {
    await new Promise((resolve) => setImmediate(resolve));
    yield whole.subarray(at, at + chunk);
  }
  if (brings < bytes.length) throw new Error("the line broke");
}
