import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test, type TestContext } from "node:test";
import fc from "fast-check";
import type { FileLimits } from "./ledger-records.ts";
import { LedgerStore } from "./ledger-store.ts";

const LIMITS: FileLimits = {
  maxFileBytes: Infinity,
  maxRoomBytes: Infinity,
  maxIdentityBytes: Infinity,
  maxWaitingBytes: Infinity,
  maxTotalBytes: Infinity,
  maxAnnouncedBytes: Infinity,
  maxUploadsPerIdentity: Infinity,
  maxUploadsPerAddress: Infinity,
  maxCuts: 1_000,
};

const SUMS = {
  room: "SELECT room AS name, size FROM links UNION ALL SELECT room, size FROM uploads WHERE hash IS NULL",
  identity:
    "SELECT identity AS name, size FROM links UNION ALL SELECT identity, size FROM uploads WHERE hash IS NULL",
  all: "SELECT '' AS name, size FROM links UNION ALL SELECT '', size FROM uploads WHERE hash IS NULL",
  address: "SELECT address AS name, size FROM uploads",
};

const small = fc.integer({ min: 0, max: 2 });
const step = fc.record({
  act: fc.constantFrom("begin", "finish", "use", "release", "cancel", "drop"),
  which: fc.nat(30),
  room: small,
  who: small,
  size: fc.integer({ min: 1, max: 9 }),
  hash: small,
});

function ledgerFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "parlor-ledger-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "files.db");
}

/** What is counted, and what a look at all rows finds. */
function counts(file: string): { readonly kept: unknown; readonly summed: unknown } {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const summed = Object.entries(SUMS).map(
      ([kind, sql]) => `SELECT '${kind}' AS kind, name, sum(size) AS bytes FROM (${sql}) GROUP BY name`,
    );
    return {
      kept: db.prepare("SELECT kind, name, bytes FROM held ORDER BY kind, name").all(),
      summed: db.prepare(`${summed.join(" UNION ALL ")} ORDER BY kind, name`).all(),
    };
  } finally {
    db.close();
  }
}

function begin(store: LedgerStore, id: string, room: number, who: number, size: number): void {
  const at = { room: `r${room}`, identity: `i${who}`, address: `a${who}` };
  assert.equal(store.begin({ id, ...at, size, atMs: 0 }, LIMITS), "begun");
}

describe("what a ledger of files counts", () => {
  test("[FILE-7] whatever happens to uploads and files, the counts that limits are held against are the sums of all there is", (t) => {
    const file = ledgerFile(t);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const store = new LedgerStore(file);
        const ids: string[] = [];
        try {
          for (const { act, which, room, who, size, hash } of steps) {
            const id = ids[which % Math.max(1, ids.length)] ?? "none";
            const name = `r${room}`;
            if (act === "begin") begin(store, `u${ids.push(`u${ids.length}`) - 1}`, room, who, size);
            else if (act === "finish")
              store.finish(id, { hash: `h${hash}`, size, type: "", width: null, height: null }, 0, 0);
            else if (act === "use") store.use(name, which, `i${who}`, [`h${hash}`]);
            else if (act === "release") store.release(name, which, 0);
            else if (act === "cancel") store.cancel(id, 0);
            else for (const gone of store.dropRoom(name, 0).doomed) store.undoom(gone);
          }
          const { kept, summed } = counts(file);
          assert.deepEqual(kept, summed);
        } finally {
          for (const room of [0, 1, 2])
            for (const gone of store.dropRoom(`r${room}`, 0).doomed) store.undoom(gone);
          store.close();
        }
      }),
      { numRuns: 60 },
    );
    assert.deepEqual(counts(file).kept, [], "what is gone counts for nothing, and has no row");
  });

  test("[FILE-7] a ledger that an earlier version wrote is counted when it is opened", (t) => {
    const file = ledgerFile(t);
    const store = new LedgerStore(file);
    begin(store, "open", 0, 0, 5);
    begin(store, "whole", 0, 1, 7);
    store.finish("whole", { hash: "h", size: 7, type: "", width: null, height: null }, 0, 0);
    store.close();
    const db = new DatabaseSync(file);
    db.exec("DROP TABLE held; PRAGMA user_version=1");
    for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all())
      db.exec(`DROP TRIGGER ${String(name)}`);
    db.close();
    new LedgerStore(file).close();
    const { kept, summed } = counts(file);
    assert.deepEqual(kept, summed);
    assert.equal((kept as unknown[]).length, 6);
  });
});
