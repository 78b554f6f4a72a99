import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import {
  askForRebuild,
  IN_MEMORY,
  type Projection,
  type ReaderPosition,
  type ReaderStep,
} from "@parlor/server/projections";
import { readUntilKilled } from "./projection-kills.ts";
import { type ProjectionModule, type ProjectionSubject, readingStep, said } from "./projection-subject.ts";
import { sqliteBytes } from "./sqlite-bytes.ts";

export interface ProjectionContract {
  /** As it stands in the names of the tests. */
  readonly name: string;
  /** Of a `ProjectionModule`. */
  readonly module: URL;
  /** Whether it is kept in a file, and not in memory. */
  readonly isLasting: boolean;
}

const TAKEN = { kind: "taken" };
const MOVED = { kind: "moved" };

interface Opened extends ProjectionSubject {
  readonly folder: string;
  /** Another one of the same file, as another process has it. */
  readonly another: () => Promise<ProjectionSubject>;
}

/**
 * Every sentence of the port `Projection`, as tests. An implementation calls this from a `….contract.test.ts`, and
 * passes or is no `Projection`.
 */
export function describeProjectionContract({ name, module, isLasting }: ProjectionContract): void {
  const open = async (t: TestContext): Promise<Opened> => {
    const { subjectAt } = (await import(module.href)) as ProjectionModule;
    const folder = await mkdtemp(join(tmpdir(), "parlor-projection-"));
    const path = isLasting ? join(folder, "parlor.db") : IN_MEMORY;
    const opened: Projection[] = [];
    t.after(async () => {
      for (const each of opened) await each.close();
      await rm(folder, { recursive: true, force: true });
    });
    const another = async (): Promise<ProjectionSubject> => {
      const subject = subjectAt(path);
      opened.push(subject.projection);
      await subject.projection.open(1);
      return subject;
    };
    return { ...(await another()), folder, another };
  };

  describe(`${name}: the contract of projections`, { timeout: 120_000 }, () => {
    test("[PROJECTION-1] of a step that fails in the middle effects and position are kept together, or neither; other rooms go on", async (t) => {
      const { projection, effects } = await open(t);
      assert.deepEqual(await read(projection, "a", 1, 3), TAKEN);
      const messages = said(4, 5).map((each) => (each.offset === 6 ? { ...each, bodyJson: "{" } : each));
      const before = await positionOf(projection, "a");
      const outcome = await projection.take(readingStep("a", before, messages)).catch(() => null);
      assert.ok(outcome === null || outcome.kind === "failed", JSON.stringify(outcome));
      const { offset: reached = 0 } = (await positionOf(projection, "a")) ?? {};
      if (outcome?.kind === "failed") assert.equal(outcome.position?.offset, reached);
      assert.ok(reached >= 3 && reached < 6, `it is at ${reached}`);
      assert.deepEqual(await effects("a"), upTo(reached));
      assert.deepEqual(await read(projection, "b", 1, 2), TAKEN);
      assert.deepEqual(await read(projection, "a", reached + 1, 8 - reached), TAKEN);
      assert.deepEqual([await effects("a"), await effects("b")], [upTo(8), upTo(2)]);
      // Where it is the position that can't be kept, what came of the messages is not either.
      const step = readingStep("c", null, said(1, 2)) as ReaderStep & { kind: "messages" };
      await assert.rejects(projection.take({ ...step, after: { ...step.after, at: Number.NaN } }));
      assert.deepEqual([await positionOf(projection, "c"), await effects("c")], [null, []]);
    });

    test("[PROJECTION-2] a step is taken where it goes on from the position that is kept; one that came before, or goes on from elsewhere, leaves nothing", async (t) => {
      const { projection, effects, another } = await open(t);
      const first = readingStep("a", null, said(1, 3));
      assert.deepEqual(await projection.take(first), TAKEN);
      const at3 = { epoch: "epoch1", offset: 3, at: 1_003 };
      assert.deepEqual(await positionOf(projection, "a"), at3);
      const wrong = [null, { ...at3, offset: 2 }, { ...at3, epoch: "epoch0" }];
      for (const before of wrong)
        assert.deepEqual(await projection.take(readingStep("a", before, said(4, 1))), MOVED);
      assert.deepEqual(await projection.take(first), MOVED);
      assert.deepEqual(await positionOf(projection, "a"), at3);
      assert.deepEqual(await effects("a"), upTo(3));
      // Nothing but a position: what is behind it was erased before it was read.
      const after = { ...at3, offset: 9 };
      assert.deepEqual(
        await projection.take({ kind: "messages", room: "a", before: at3, after, messages: [] }),
        TAKEN,
      );
      assert.deepEqual(await positionOf(projection, "a"), after);
      const rooms = Array.from({ length: projection.roomsAtOnce }, (_, nr) => `room${nr}`);
      const outcomes = await Promise.all(rooms.map((room) => read(projection, room, 1, 2)));
      assert.ok(outcomes.every(({ kind }) => kind === "taken"));
      for (const room of rooms) assert.deepEqual(await effects(room), upTo(2));
      if (!isLasting) return;
      const other = await another();
      assert.deepEqual(await other.projection.take(readingStep("both", null, said(1, 2))), TAKEN);
      assert.deepEqual(await projection.take(readingStep("both", null, said(1, 2))), MOVED);
      assert.deepEqual(await effects("both"), upTo(2));
    });

    test("[PROJECTION-3] wherever its process is killed, who reads on has each effect once; what is in memory goes whole", async (t) => {
      const { projection, effects, another, folder } = await open(t);
      await read(projection, "a", 1, 3);
      if (!isLasting) {
        await projection.close();
        const next = await another();
        assert.deepEqual([await positionOf(next.projection, "a"), await next.effects("a")], [null, []]);
        return;
      }
      let reached = 3;
      for (const steps of [2, 5, 9]) {
        await readUntilKilled({ projection, effects }, module, join(folder, "parlor.db"), "a", steps);
        const position = await positionOf(projection, "a");
        assert.ok((position?.offset ?? 0) > reached, "it went on");
        reached = position?.offset ?? 0;
        assert.deepEqual(await effects("a"), upTo(reached));
      }
      assert.deepEqual(await read(projection, "a", reached + 1, 2), TAKEN);
      assert.deepEqual(await effects("a"), upTo(reached + 2));
    });

    test("[PROJECTION-4] what is erased has no effect any more, and is gone from the disk; twice, and of what never was there, it changes nothing", async (t) => {
      const { projection, effects, folder } = await open(t);
      assert.equal(projection.forgets, true);
      await read(projection, "a", 1, 5);
      await read(projection, "b", 1, 5);
      const position = await positionOf(projection, "a");
      for (const offsets of [
        [2, 4],
        [2, 4, 77],
      ])
        assert.deepEqual(await projection.take({ kind: "erased", room: "a", offsets }), TAKEN);
      assert.deepEqual(await projection.take({ kind: "erased", room: "nowhere", offsets: [1] }), TAKEN);
      assert.deepEqual(await effects("a"), [1, 3, 5]);
      assert.deepEqual(await positionOf(projection, "a"), position);
      assert.deepEqual(await effects("b"), upTo(5));
      await projection.take({ kind: "erased", room: "b", offsets: [2, 4] });
      if (!isLasting) return;
      const bytes = await sqliteBytes(folder);
      assert.deepEqual(
        [bytes.includes("nr3"), bytes.includes("nr2"), bytes.includes("nr4")],
        [true, false, false],
      );
    });

    test("[PROJECTION-5] what lies before a trim is forgotten; a deleted room, or one of another epoch, is whole, and goes on from where it was said", async (t) => {
      const { projection, effects } = await open(t);
      for (const room of ["a", "b", "c"]) await read(projection, room, 1, 6);
      for (let times = 0; times < 2; times++)
        assert.deepEqual(await projection.take({ kind: "trimmed", room: "a", earliest: 4 }), TAKEN);
      assert.deepEqual(await effects("a"), [4, 5, 6]);
      assert.equal((await positionOf(projection, "a"))?.offset, 6);
      const old = await positionOf(projection, "b");
      const position = { epoch: "epoch2", offset: 0, at: 0 };
      for (let times = 0; times < 2; times++)
        assert.deepEqual(await projection.take({ kind: "forgotten", room: "b", position }), TAKEN);
      assert.deepEqual([await positionOf(projection, "b"), await effects("b")], [position, []]);
      assert.deepEqual(await projection.take(readingStep("b", old, said(7, 1))), MOVED);
      assert.deepEqual(await projection.take(readingStep("b", position, said(1, 2))), TAKEN);
      assert.deepEqual(await effects("b"), [1, 2]);
      assert.deepEqual(await projection.take({ kind: "forgotten", room: "c", position: null }), TAKEN);
      assert.deepEqual([await positionOf(projection, "c"), await effects("c")], [null, []]);
      const rooms = (await projection.positions("", 10)).map(({ room }) => room);
      assert.deepEqual(rooms, ["a", "b"]);
    });

    test("[PROJECTION-6] made anew it is empty, says when that was, and is the same once it has read the same, in whichever steps", async (t) => {
      const { projection, effects, folder } = await open(t);
      assert.equal(await projection.open(5), 1);
      for (const [from, count] of [
        [1, 1],
        [2, 7],
        [9, 4],
      ] as const)
        await read(projection, "a", from, count);
      await projection.take({ kind: "erased", room: "a", offsets: [3] });
      const before = [await effects("a"), await projection.positions("", 10)];
      assert.equal(await projection.isRebuildWanted(), false);
      if (isLasting) {
        assert.equal(askForRebuild(join(folder, "parlor.db"), 6), true);
        assert.equal(await projection.isRebuildWanted(), true);
      }
      await projection.rebuild(7);
      assert.equal(await projection.open(8), 7);
      assert.equal(await projection.isRebuildWanted(), false);
      assert.deepEqual([await effects("a"), await projection.positions("", 10)], [[], []]);
      const left = said(1, 12).filter(({ offset }) => offset !== 3);
      assert.deepEqual(await projection.take(readingStep("a", null, left)), TAKEN);
      assert.deepEqual([await effects("a"), await projection.positions("", 10)], before);
    });

    test("[PROJECTION-7] its rooms are told by name in the order of UTF-8, so many at a time", async (t) => {
      const { projection } = await open(t);
      // As UTF-16 orders them the last two are the other way around.
      const names = ["a", "b", "ä", "\uff5a", "\u{1f600}"];
      for (const room of [...names].reverse()) await read(projection, room, 1, 1);
      const pages = [];
      for (let after = ""; ; ) {
        const page = await projection.positions(after, 2);
        pages.push(page.map(({ room }) => room));
        const last = page.at(-1);
        if (last === undefined) break;
        assert.deepEqual({ ...last }, { room: last.room, epoch: "epoch1", offset: 1, at: 1_001 });
        after = last.room;
      }
      assert.deepEqual(pages, [names.slice(0, 2), names.slice(2, 4), names.slice(4), []]);
    });

    test("[PROJECTION-8] closed, also twice, it takes nothing; who opens it again finds what a file keeps", async (t) => {
      const { projection, another } = await open(t);
      await read(projection, "a", 1, 3);
      await projection.close();
      await projection.close();
      await assert.rejects(projection.take(readingStep("a", null, said(1, 1))), /closed/);
      await assert.rejects(projection.position("a"), /closed/);
      const next = await another();
      assert.deepEqual(await next.effects("a"), isLasting ? upTo(3) : []);
    });
  });
}

/** What of a position is promised: beside it a row may say more. */
async function positionOf(projection: Projection, room: string): Promise<ReaderPosition | null> {
  const position = await projection.position(room);
  return position && { epoch: position.epoch, offset: position.offset, at: position.at };
}

/** Has a room read on from where it is. */
async function read(projection: Projection, room: string, from: number, count: number) {
  return projection.take(readingStep(room, await positionOf(projection, room), said(from, count)));
}

function upTo(offset: number): number[] {
  return Array.from({ length: offset }, (_, index) => index + 1);
}
