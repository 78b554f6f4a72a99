import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StatementSync } from "node:sqlite";
import { describe, test, type TestContext } from "node:test";
import { appendOf } from "@parlor/testkit";
import type { TextPage, TextQuestion } from "../room-log.ts";
import { SqliteLog } from "../sqlite-log.ts";
import { KeptTexts } from "./kept-texts.ts";
import { openConnection } from "./open-database.ts";
import { Reader } from "./reader.ts";
import { RoomRows } from "./room-rows.ts";

const NEWEST: TextQuestion = {
  room: "lobby",
  from: { before: Infinity },
  bounds: { maxMessages: 3, maxBytes: 262_144 },
};

async function opened(t: TestContext): Promise<{ log: SqliteLog; rooms: RoomRows; reader: Reader }> {
  const folder = await mkdtemp(join(tmpdir(), "parlor-texts-"));
  const log = await SqliteLog.open({ folder });
  const db = openConnection(join(folder, "parlor.db"));
  t.after(async () => {
    db.close();
    await log.close();
    await rm(folder, { recursive: true, force: true });
  });
  for (let seq = 1; seq <= 6; seq++) await log.append(appendOf("lobby", seq));
  return { log, rooms: new RoomRows(db), reader: new Reader(db) };
}

function textOf(reader: Reader, question = NEWEST): TextPage {
  const answer = reader.answer({ kind: "text", question });
  assert.equal(answer.kind, "text");
  return answer.page;
}

describe("pages as text that are asked for again", () => {
  test("[LOG-73] a page that is asked for again is not read again, and each who asks has a text of their own", async (t) => {
    const { reader } = await opened(t);
    const gets = t.mock.method(StatementSync.prototype, "get");
    const first = textOf(reader);
    const read = gets.mock.callCount();
    assert.ok(read > 3, `${read} looks`);
    const text = Buffer.from(first.text).toString();
    // As a thread does that hands it to another.
    structuredClone(first.text, { transfer: [first.text.buffer] });
    for (let i = 1; i <= 3; i++) {
      const again = textOf(reader);
      assert.equal(Buffer.from(again.text).toString(), text);
      assert.equal(gets.mock.callCount(), read + i, "the room alone is looked at");
      structuredClone(again.text, { transfer: [again.text.buffer] });
    }
    const others: readonly TextQuestion[] = [
      { ...NEWEST, from: { before: 5 } },
      { ...NEWEST, from: { after: 5 } },
      { ...NEWEST, bounds: { ...NEWEST.bounds, maxMessages: 2 } },
      { ...NEWEST, bounds: { ...NEWEST.bounds, maxBytes: 100 } },
      { ...NEWEST, room: "another" },
    ];
    for (const other of others)
      assert.notEqual(Buffer.from(textOf(reader, other).text).toString(), text, JSON.stringify(other));
  });

  test("[LOG-73] what is appended, erased, trimmed or deleted since then shows in it at once", async (t) => {
    const { log, reader } = await opened(t);
    const changes: readonly (() => Promise<unknown>)[] = [
      () => log.append(appendOf("lobby", 7)),
      () => log.redact("lobby", 6),
      () => log.redact("lobby", 7),
      () => log.trim("lobby", 7),
      () => log.delete("lobby"),
      () => log.append(appendOf("lobby", 1)),
    ];
    for (const [index, change] of changes.entries()) {
      textOf(reader);
      await change();
      const fresh = await log.read("lobby", 0, { maxMessages: Infinity, maxBytes: Infinity });
      const { head, earliest, epoch, offsets } = textOf(reader);
      assert.deepEqual(
        { head, earliest, epoch },
        { head: fresh.head, earliest: fresh.earliest, epoch: fresh.epoch },
      );
      const newest = fresh.messages.slice(-3);
      assert.deepEqual(
        [...offsets],
        newest.map(({ offset }) => offset),
        `change ${index}`,
      );
      const bodies = JSON.parse(`[${Buffer.from(textOf(reader).text).toString()}]`) as { body: unknown }[];
      assert.deepEqual(
        bodies.map(({ body }) => body),
        newest.map(({ bodyJson }) => JSON.parse(bodyJson ?? "null") as unknown),
        `change ${index}`,
      );
    }
  });

  test("[LOG-73] no more bytes are kept than may be, and what was asked for longest ago goes first", async (t) => {
    const { reader, rooms } = await opened(t);
    const room = rooms.find("lobby");
    const question = (before: number): TextQuestion => ({ ...NEWEST, from: { before } });
    const page = textOf(reader);
    const bytes = page.text.length + 4_096;
    const texts = new KeptTexts(bytes * 3);
    for (const before of [10, 11, 12]) texts.keep(question(before), room, page);
    assert.notEqual(texts.find(question(10), room), null);
    texts.keep(question(13), room, page);
    const isKept = [10, 11, 12, 13].map((before) => texts.find(question(before), room) !== null);
    assert.deepEqual(isKept, [true, false, true, true]);
    const large = new KeptTexts(bytes - 1);
    large.keep(NEWEST, room, page);
    assert.equal(large.find(NEWEST, room), null, "one that is larger than all may be is not kept");
    const empty = { ...page, text: new Uint8Array() };
    const named = (n: number): TextQuestion => ({ ...NEWEST, room: `room ${n}` });
    const many = new KeptTexts();
    for (let n = 0; n < 1_100; n++) many.keep(named(n), room, empty);
    const kept = Array.from({ length: 1_100 }, (_, n) => many.find(named(n), room)).filter(Boolean);
    assert.equal(kept.length, 1_024, "those of rooms with nothing in them count, too");
  });
});
