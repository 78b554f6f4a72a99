import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseStrace } from "../strace-lines.ts";
import { seededRandom } from "../seeded-random.ts";
import { CrashDisk, type Fate } from "./crash-disk.ts";
import { crashImages } from "./crash-images.ts";
import { diskEvents } from "./disk-events.ts";

const TRACE = `7 openat(AT_FDCWD</>, "/data/log", O_RDWR|O_CREAT, 0644) = 3</data/log>
7 fsync(4</data>) = 0
7 pwrite64(3</data/log>, "aaaa", 4, 0) = 4
7 fdatasync(3</data/log>) = 0
7 write(1<pipe:[1]>, "told a\\n", 7) = 7
7 pwrite64(3</data/log>, "bbbb", 4, 4) = 4
7 pwrite64(3</data/log>, "cc", 2, 0) = 2
7 ftruncate(3</data/log>, 6) = 0
7 fdatasync(3</data/log> <unfinished ...>
8 pwrite64(3</data/log>, "late", 4, 6) = 4
7 <... fdatasync resumed>) = 0
7 openat(AT_FDCWD</>, "/data/shared-memory", O_RDWR|O_CREAT, 0644) = 5</data/shared-memory>
`;

const EVENTS = diskEvents(parseStrace(TRACE), {
  folder: "/data",
  isIgnored: (name) => name === "shared-memory",
});

/** Every content that a power cut can leave after so many events; null where the file is not there. */
function leftAfter(count: number): Set<string | null> {
  const disk = new CrashDisk();
  for (const event of EVENTS.slice(0, count)) disk.take(event);
  const left = new Set<string | null>();
  const fates: Fate[] = ["none", "all", { prefix: 1 }, { prefix: 2 }, { chance: 0.5 }];
  for (let seed = 0; seed < 60; seed++) {
    for (const fate of fates) {
      left.add(disk.image(fate, seededRandom(seed)).get("log")?.toString("latin1") ?? null);
    }
  }
  return left;
}

describe("CrashDisk", () => {
  test("[CRASH-3] a name that no sync of the folder vouched for may be missing, and is certain afterwards", () => {
    assert.deepEqual(leftAfter(1), new Set([null, ""]));
    assert.deepEqual(leftAfter(2), new Set([""]));
    assert.deepEqual(leftAfter(3), new Set(["", "aaaa"]));
  });

  test("[CRASH-3] what a sync vouched for is always there; of what came later, any part", () => {
    assert.deepEqual(leftAfter(5), new Set(["aaaa"]));
    const left = leftAfter(7);
    for (const content of ["aaaa", "aaaabbbb", "ccaabbbb", "ccaa"]) assert.ok(left.has(content), content);
    for (const content of left) assert.match(content ?? "", /^(aa|cc)aa(bbbb)?$/);
    assert.ok(leftAfter(8).has("ccaabb"), "a file that was cut");
  });

  test("[CRASH-3] a sync does not vouch for a write that began while it ran", () => {
    const left = leftAfter(EVENTS.length);
    assert.deepEqual(left, new Set(["ccaabb", "ccaabblate"]));
  });

  test("[CRASH-3] images come with what had been told by then", () => {
    const told = [...crashImages(EVENTS, () => 0.5)].map((point) => [point.after >= 5, point.told]);
    for (const [isLater, text] of told) assert.equal(text, isLater === true ? "told a\n" : "");
  });

  test("[CRASH-3] what is not modelled is an error, not a wrong image", () => {
    const options = { folder: "/data", isIgnored: () => false };
    const renamed = parseStrace(`7 rename("/data/log", "/data/old") = 0\n`);
    assert.throws(() => diskEvents(renamed, options), /renamed/);
    const cut = parseStrace(`7 pwrite64(3</data/log>, "aa"..., 4, 0) = 4\n`);
    assert.throws(() => diskEvents(cut, options), /4 bytes is in the trace with 2/);
  });
});
