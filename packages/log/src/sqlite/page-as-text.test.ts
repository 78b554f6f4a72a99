import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { encodeMessage } from "@parlor/protocol";
import type { ReadBounds, TextQuestion } from "../room-log.ts";
import { SqliteLog } from "../sqlite-log.ts";

const WIDE = { maxMessages: Infinity, maxBytes: Infinity };
const BY_ADA = { room: "lobby", from: "ada", producer: "producer1", remember: true, admit: "any" } as const;

test("[LOG-71] a page as one text is what reading gives, written as frames have it, and ends before the message that would pass its bytes", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "parlor-log-"));
  const log = await SqliteLog.open({ folder });
  t.after(async () => {
    await log.close();
    await rm(folder, { recursive: true, force: true });
  });
  for (let seq = 1; seq <= 9; seq++) {
    const bodyJson = JSON.stringify(seq === 5 ? "ä€😀".repeat(20) : `m${seq}`);
    await log.append({ ...BY_ADA, seq, afterSeq: seq - 1, bodyJson, re: seq > 3 ? 2 : undefined });
  }
  await log.redact("lobby", 3);
  const { messages, ...rest } = await log.read("lobby", 0, WIDE);
  const texts = messages.map(encodeMessage);
  const text = async (from: TextQuestion["from"], bounds: ReadBounds): Promise<unknown> => {
    const page = await log.readText({ room: "lobby", from, bounds });
    return { ...page, text: Buffer.from(page.text).toString(), offsets: [...page.offsets] };
  };
  const expected = (begin: number, end: number, more: boolean): unknown => ({
    ...rest,
    text: texts.slice(begin, end).join(","),
    offsets: messages.slice(begin, end).map(({ offset }) => offset),
    authors: messages.slice(begin, end).map(({ from }) => from),
    more,
  });
  const before = { before: Infinity };
  assert.deepEqual(await text({ after: 0 }, WIDE), expected(0, 9, false));
  assert.deepEqual(await text(before, WIDE), expected(0, 9, false));
  assert.deepEqual(await text({ after: 9 }, WIDE), expected(9, 9, false));
  assert.deepEqual(await text({ after: 2 }, { ...WIDE, maxMessages: 3 }), expected(2, 5, true));
  assert.deepEqual(await text({ before: 7 }, { ...WIDE, maxMessages: 3 }), expected(3, 6, true));
  // Bytes are those of the text in UTF-8, with a comma for each message.
  const bytes = (begin: number, end: number): number =>
    texts.slice(begin, end).reduce((sum, each) => sum + Buffer.byteLength(each) + 1, 0);
  assert.deepEqual(await text(before, { ...WIDE, maxBytes: bytes(4, 9) }), expected(4, 9, true));
  assert.deepEqual(await text(before, { ...WIDE, maxBytes: bytes(4, 9) - 1 }), expected(5, 9, true));
  assert.deepEqual(await text({ after: 0 }, { ...WIDE, maxBytes: bytes(0, 5) }), expected(0, 5, true));
  assert.deepEqual(await text({ after: 0 }, { ...WIDE, maxBytes: bytes(0, 5) - 1 }), expected(0, 4, true));
  assert.deepEqual(await text(before, { ...WIDE, maxBytes: 1 }), expected(8, 9, true));
});
