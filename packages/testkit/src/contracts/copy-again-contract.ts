import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { CodedError } from "@parlor/base";
import {
  copyRooms,
  type CopyPlan,
  type CopySource,
  type CopyTarget,
  type CopyVerdict,
  planCopy,
  type RoomLog,
  sideRoom,
  verifyCopy,
} from "@parlor/log";
import { appendOf, fill, TIMELY } from "./room-log-subject.ts";

/** Two logs, one of which is copied into the other; each is open as one of both at a time, and closed by who opened it. */
export interface CopySubject {
  openSource(): Promise<RoomLog>;
  copySource(): Promise<CopySource>;
  openTarget(): Promise<RoomLog>;
  copyTarget(epoch: string): Promise<CopyTarget>;
  /** All that the target keeps on disk, where that can be looked at. */
  bytesOfTarget?(): Promise<Buffer>;
  dispose(): Promise<void>;
}

export interface CopyContract {
  /** As it stands in the names of the tests. */
  readonly name: string;
  create(): Promise<CopySubject>;
}

const WIDE = Object.freeze({ maxMessages: 10_000, maxBytes: Infinity });
const STATE = sideRoom("state", "lobby");
const ROOMS = ["lobby", "bare", "gone", "again", "same", "late", STATE];
const BROKEN = new CodedError("broken", "as if the process had been killed");

/** What every pair of logs has in common when rooms are copied a second time. */
export function describeCopyAgainContract(contract: CopyContract): void {
  describe(`a second copy: ${contract.name}`, TIMELY, () => {
    let subject: CopySubject;
    beforeEach(async () => void (subject = await contract.create()));
    afterEach(() => subject.dispose());

    const use = async (open: () => Promise<RoomLog>, act: (log: RoomLog) => Promise<void>): Promise<void> => {
      const log = await open();
      try {
        await act(log);
      } finally {
        await log.close();
      }
    };
    const inSource = (act: (log: RoomLog) => Promise<void>): Promise<void> =>
      use(() => subject.openSource(), act);
    const inTarget = (act: (log: RoomLog) => Promise<void>): Promise<void> =>
      use(() => subject.openTarget(), act);

    /** @param toBreak  Rooms in which the copy breaks off behind the first message; each is taken out then. */
    const copy = async (toBreak?: Set<string>): Promise<{ plan: CopyPlan; verdict: CopyVerdict }> => {
      await using source = await subject.copySource();
      await using target = await subject.copyTarget(source.epoch);
      const plan = await planCopy(source, target);
      let done = plan.messagesThere;
      const from = toBreak === undefined ? source : breaking(source, toBreak);
      await copyRooms(from, target, plan, (now) => void (done = now));
      assert.equal(done, plan.messages, "it is told of as whole");
      const verdict = await verifyCopy(source, target, plan, 0, () => undefined);
      await target.end();
      return { plan, verdict };
    };
    const read = async (log: RoomLog): Promise<Map<string, unknown>> => {
      const rooms = new Map<string, unknown>();
      for (const room of ROOMS) rooms.set(room, await log.read(room, 0, WIDE));
      return rooms;
    };
    const requireSame = async (): Promise<void> => {
      let [there, here] = [new Map<string, unknown>(), new Map<string, unknown>()];
      await inSource(async (log) => void (there = await read(log)));
      await inTarget(async (log) => void (here = await read(log)));
      for (const room of ROOMS) assert.deepEqual(here.get(room), there.get(room), room);
    };

    const make = (): Promise<void> =>
      inSource(async (log) => {
        await fill(log, "lobby", 60, (seq) => ({
          re: seq % 9 === 0 ? seq - 1 : undefined,
          bodyJson: JSON.stringify(seq === 5 ? "the words that somebody took back" : `message ${seq}`),
        }));
        for (const room of ["bare", "gone", "again", "same", STATE]) await fill(log, room, 3);
      });
    /** Everything that may happen to a log that is served again after it was copied. */
    const goOn = (): Promise<void> =>
      inSource(async (log) => {
        for (let seq = 61; seq <= 90; seq++) await log.append(appendOf("lobby", seq, { re: 7 }));
        await log.append(appendOf("lobby", 1, { from: "bob-identity", producer: "producer2" }));
        for (const offset of [5, 60, 75]) await log.redact("lobby", offset);
        await log.trim("lobby", 4);
        await log.trim("bare", 4);
        for (const room of ["gone", "again"]) await log.delete(room);
        await fill(log, "again", 2);
        // As a compacted state: nothing of what was copied is left.
        for (let seq = 4; seq <= 9; seq++) await log.append(appendOf(STATE, seq));
        await log.trim(STATE, 8);
        await fill(log, "late", 2);
      });

    test("[COPY-9] it adds what the source has since: messages, producers, erasures, trims, deletions", async () => {
      await make();
      await copy();
      await goOn();
      const { plan, verdict } = await copy();
      assert.deepEqual([...plan.lacking.keys()].sort(), ["bare", "lobby"]);
      assert.deepEqual([...plan.outdated].sort(), [STATE, "again", "gone"]);
      assert.deepEqual(plan.lacking.get("lobby")?.erased, [5, 60]);
      await requireSame();
      await inTarget(async (log) => {
        const { epoch } = await log.head("lobby");
        const duplicate = { kind: "duplicate", epoch, offset: 90 };
        assert.deepEqual(await log.append(appendOf("lobby", 90)), duplicate);
        const second = appendOf("lobby", 1, { from: "bob-identity", producer: "producer2" });
        assert.deepEqual(await log.append(second), { ...duplicate, offset: 91 });
        assert.deepEqual(
          (await log.related("lobby", [7], 500, WIDE)).map(({ offset }) => offset),
          Array.from({ length: 30 }, (_, i) => 61 + i),
        );
      });
      const bytes = await subject.bytesOfTarget?.();
      if (bytes !== undefined) {
        assert.ok(bytes.includes("message 42"));
        assert.ok(!bytes.includes("somebody took back"), "what was erased is in no file");
      }
      const third = await copy();
      assert.deepEqual([third.plan.lacking.size, third.plan.outdated.size], [0, 0]);
      assert.equal(third.verdict.sha256, verdict.sha256);
    });

    test("[COPY-3] [COPY-9] where it breaks off, in whatever room, it is gone on with", async () => {
      await make();
      await copy();
      await goOn();
      // Each once: logs that take several rooms at a time break off in several.
      const toBreak = new Set(["lobby", "again", STATE]);
      for (let tries = 0; toBreak.size > 0; tries++) {
        assert.ok(tries < 3);
        await assert.rejects(copy(toBreak), BROKEN);
        await assert.rejects(subject.openTarget(), /has not ended/, "no server has a half of it");
      }
      await copy();
      await requireSame();
      await inTarget(async (log) => {
        assert.equal((await log.append(appendOf("lobby", 90))).kind, "duplicate");
      });
    });

    test("[COPY-5] what was written, erased and trimmed in the copy since stays so, and it still gets what is erased in the source", async () => {
      await make();
      await copy();
      await inTarget(async (log) => {
        await log.redact("lobby", 10);
        await log.trim("same", 2);
        await log.append(appendOf("lobby", 61));
      });
      await inSource(async (log) => void (await log.redact("lobby", 5)));
      const { plan } = await copy();
      assert.deepEqual([...plan.lacking.keys()], ["lobby"]);
      await inTarget(async (log) => {
        const { head, messages } = await log.read("lobby", 0, WIDE);
        const erased = messages.filter(({ bodyJson }) => bodyJson === null).map(({ offset }) => offset);
        assert.deepEqual([head, erased], [61, [5, 10]]);
        assert.equal((await log.head("same")).earliest, 2);
        assert.equal((await log.append(appendOf("lobby", 61))).kind, "duplicate");
      });
      // Behind what only the copy has nothing can be added.
      await inSource(async (log) => void (await log.append(appendOf("lobby", 61, { bodyJson: '"other"' }))));
      await assert.rejects(copy(), {
        code: "other-history",
        message: /^the room "lobby" of .+ has another message 61 than the source, since both were written to/,
      });
    });

    test("[COPY-10] a room that was written to on both sides is named, and nothing is changed", async () => {
      await make();
      await copy();
      let before = new Map<string, unknown>();
      await inTarget(async (log) => {
        await log.append(appendOf("gone", 4));
        before = await read(log);
      });
      await goOn();
      await assert.rejects(copy(), {
        code: "other-history",
        message:
          /^the room "gone" of .+ has been deleted in the source since it was copied, and nothing says/,
      });
      await inTarget(async (log) => {
        assert.deepEqual(await read(log), before);
        // As it says: once that is deleted here, too, the rest is copied.
        await log.delete("gone");
      });
      await copy();
      await requireSame();
      await inTarget(async (log) => void (await log.append(appendOf(STATE, 10))));
      await inSource(async (log) => {
        for (let seq = 10; seq <= 15; seq++) await log.append(appendOf(STATE, seq));
        await log.trim(STATE, 13);
      });
      await assert.rejects(copy(), { code: "other-history", message: /no message in common/ });
    });
  });
}

function breaking(source: CopySource, toBreak: Set<string>): CopySource {
  return {
    ...{ id: source.id, roomsAtOnce: 1, epoch: source.epoch, words: source.words },
    names: () => source.names(),
    room: (room) => source.room(room),
    async *messages(room, after) {
      for await (const page of source.messages(room, after)) {
        if (!toBreak.has(room)) yield page;
        else {
          yield page.slice(0, 1);
          toBreak.delete(room);
          throw BROKEN;
        }
      }
    },
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}
