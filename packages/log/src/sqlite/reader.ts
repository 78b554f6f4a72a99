import type { DatabaseSync } from "node:sqlite";
import { epochOf } from "../epoch.ts";
import { ReadBudget } from "../read-budget.ts";
import type { Page, ReadBounds, RoomSummary, StoredMessage, TextPage, TextQuestion } from "../room-log.ts";
import { toTextPage } from "../text-page.ts";
import { epochIn } from "./format.ts";
import { KeptTexts } from "./kept-texts.ts";
import { MessageRows, verified } from "./message-rows.ts";
import { type MessageColumns, packMessages } from "./page-columns.ts";
import type { PackedPage, ReadAnswer, ReadQuestion } from "./reader-messages.ts";
import { type RoomRow, RoomRows } from "./room-rows.ts";

/** As a limit in SQL, where `Infinity` is no number. */
const MANY = 1_000_000_000;

/** Answers questions about the file; each answer is of one moment, and changes nothing. */
export class Reader {
  readonly #db: DatabaseSync;
  readonly #rooms: RoomRows;
  readonly #messages: MessageRows;
  readonly #texts = new KeptTexts();
  readonly #epoch: string;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#rooms = new RoomRows(db);
    this.#messages = new MessageRows(db);
    this.#epoch = epochIn(db);
  }

  answer(question: ReadQuestion): ReadAnswer {
    // One read transaction, so that head and messages fit; a short one, so that checkpoints get on.
    this.#db.exec("BEGIN");
    try {
      return this.#answer(question);
    } finally {
      this.#db.exec("ROLLBACK");
    }
  }

  #answer(question: ReadQuestion): ReadAnswer {
    switch (question.kind) {
      case "read":
        return { kind: "page", page: packed(this.#read(this.#rooms.find(question.room), question)) };
      case "read-before":
        return { kind: "page", page: packed(this.#readBefore(this.#rooms.find(question.room), question)) };
      case "text":
        return { kind: "text", page: this.#text(question.question) };
      case "related": {
        const { room, offsets, perMessage, bounds } = question;
        return { kind: "messages", messages: this.#related(room, offsets, perMessage, bounds) };
      }
      case "head": {
        const room = this.#rooms.find(question.room);
        const after = Math.max(room.earliest - 1, room.head - question.newest);
        const { head, earliest } = room;
        return { kind: "head", head: { epoch: this.#epochOf(room), head, earliest, after } };
      }
      case "rooms": {
        const rooms = this.#rooms.page(question.afterName, Math.min(MANY, question.limit));
        return { kind: "rooms", rooms: rooms.map((room) => this.#summary(room)) };
      }
    }
  }

  /** Rule: [LOG-73]. */
  #text(question: TextQuestion): TextPage {
    const room = this.#rooms.find(question.room);
    const kept = this.#texts.find(question, room);
    if (kept !== null) return kept;
    const { from, bounds } = question;
    const page =
      "after" in from
        ? toTextPage(this.#read(room, { ...from, bounds }), true, bounds.maxBytes)
        : toTextPage(this.#readBefore(room, { ...from, bounds }), false, bounds.maxBytes);
    this.#texts.keep(question, room, page);
    return page;
  }

  #read(room: RoomRow, { after, bounds }: { readonly after: number; readonly bounds: ReadBounds }): Page {
    const messages: StoredMessage[] = [];
    const budget = new ReadBudget(bounds);
    let offset = Math.max(room.earliest, after + 1);
    reading: while (offset <= room.head) {
      for (const row of this.#messages.stretchUp(room, offset)) {
        if (!budget.take(row.body)) break reading;
        messages.push(verified(room.name, row));
        offset += 1;
      }
    }
    return this.#page(room, messages, offset <= room.head);
  }

  #readBefore(
    room: RoomRow,
    { before, bounds }: { readonly before: number; readonly bounds: ReadBounds },
  ): Page {
    const messages: StoredMessage[] = [];
    const budget = new ReadBudget(bounds);
    const from = Math.min(room.head, before - 1);
    let more = false;
    if (from >= room.earliest) {
      for (const row of this.#messages.walkDown(room, from)) {
        if (!budget.take(row.body)) {
          more = true;
          break;
        }
        messages.push(verified(room.name, row));
      }
    }
    return this.#page(room, messages.reverse(), more);
  }

  #related(name: string, offsets: readonly number[], perMessage: number, bounds: ReadBounds): MessageColumns {
    const room = this.#rooms.find(name);
    // Places first, bodies after: the bodies of all that might be meant could be gigabytes.
    const ascending = [...new Set(offsets)].sort((a, b) => a - b);
    const places = [...this.#messages.withRelated(room.id, ascending)]
      .flatMap((re) => this.#messages.related(room.id, re, Math.min(MANY, perMessage)))
      .sort((a, b) => b.offset - a.offset);
    const messages: StoredMessage[] = [];
    const budget = new ReadBudget(bounds);
    for (const place of places) {
      const row = this.#messages.get(room, place);
      if (!budget.take(row.body)) break;
      messages.push(verified(name, row));
    }
    return packMessages(messages.reverse());
  }

  #page(room: RoomRow, messages: readonly StoredMessage[], more: boolean): Page {
    const { head, earliest } = room;
    return { epoch: this.#epochOf(room), head, earliest, messages, more };
  }

  #summary(room: RoomRow): RoomSummary {
    const { name, head, earliest, bytes, lastAt } = room;
    const messages = head + 1 - earliest;
    return { room: name, epoch: this.#epochOf(room), head, earliest, messages, bytes, lastAt };
  }

  #epochOf(room: RoomRow): string {
    return epochOf(room.epoch ?? this.#epoch, room.generation);
  }
}

function packed(page: Page): PackedPage {
  return { ...page, messages: packMessages(page.messages) };
}
