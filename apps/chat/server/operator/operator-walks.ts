import type { RoomLog, StoredMessage } from "@parlor/log";
import { bodyFromJson, isJsonObject } from "@parlor/protocol";
import type { Visit } from "@parlor/server";
import { JsonLines } from "./json-lines.ts";
import { shown } from "./operator-rooms.ts";
import { OperatorRefusal } from "./operator-refusal.ts";
import { writtenBy } from "./written-by.ts";

/** Answers that read the log for as long as it is, at a time. */
const MAX_WALKS = 4;

/** Messages of one identity that are shown; all are counted. */
const MAX_FOUND = 500;

/** Of those that are looked through for one; and of a name. */
const MAX_PEOPLE = 100_000;
const MAX_NAME = 100;

/** Who wrote something; the name is what their newest message gave, "" for none. */
export interface Person {
  readonly identity: string;
  readonly name: string;
}

const PAGE = { maxMessages: 500, maxBytes: 1_048_576 };

/** Answers that read whole rooms, or all: a few at a time, as fast as they are taken. */
export class OperatorWalks {
  readonly #log: RoomLog;
  #running = 0;

  constructor(log: RoomLog) {
    this.#log = log;
  }

  /** A room as lines of JSON, oldest first, each as the protocol shows it. */
  exportRoom(visit: Visit, room: string): Promise<null> {
    return this.#walk(async () => {
      const lines = new JsonLines(visit.response, downloadHeaders(room));
      for (let after = 0, more = true; more && !lines.isGone; ) {
        const page = await this.#log.read(room, after, PAGE);
        for (const message of page.messages) await lines.write(lineOf(message));
        ({ more } = page);
        after = page.messages.at(-1)?.offset ?? page.head;
      }
      lines.end();
    });
  }

  /** All that one identity wrote, likewise, each line with its room. */
  exportIdentity(visit: Visit, identity: string): Promise<null> {
    return this.#walk(async () => {
      const lines = new JsonLines(visit.response, downloadHeaders(identity));
      for await (const { room, found } of writtenBy(this.#log, identity, false, () => !lines.isGone)) {
        for (const message of found)
          await lines.write(`{"room":${JSON.stringify(room)},${lineOf(message).slice(1)}`);
      }
      lines.end();
    });
  }

  /** What one identity wrote, for a page: how far it is, and what was found, as it is found. */
  findWritten(visit: Visit, identity: string): Promise<null> {
    return this.#walk(async () => {
      const lines = new JsonLines(visit.response);
      let count = 0;
      for await (const page of writtenBy(this.#log, identity, false, () => !lines.isGone)) {
        const { room, rooms, messages, totalRooms, totalMessages } = page;
        const found = page.found.slice(0, Math.max(0, MAX_FOUND - count)).map(shown);
        count += page.found.length;
        await lines.write(JSON.stringify({ rooms, messages, totalRooms, totalMessages, count, room, found }));
      }
      await lines.write(JSON.stringify({ isDone: true }));
      lines.end();
    });
  }

  /** Who wrote anything, and under which name, for a page that finds people: as `findWritten` tells what one wrote. */
  findPeople(visit: Visit): Promise<null> {
    return this.#walk(async () => {
      const lines = new JsonLines(visit.response);
      const names = new Map<string, string>();
      for await (const page of writtenBy(this.#log, null, false, () => !lines.isGone)) {
        const { rooms, messages, totalRooms, totalMessages } = page;
        const people = newPeople(page.found, names);
        const isFull = names.size >= MAX_PEOPLE;
        await lines.write(JSON.stringify({ rooms, messages, totalRooms, totalMessages, people, isFull }));
        if (isFull) break;
      }
      await lines.write(JSON.stringify({ isDone: true }));
      lines.end();
    });
  }

  async #walk(work: () => Promise<void>): Promise<null> {
    if (this.#running >= MAX_WALKS) {
      throw new OperatorRefusal(
        429,
        "rate-limited",
        `${MAX_WALKS} of these run already; wait for one to end.`,
      );
    }
    this.#running += 1;
    try {
      await work();
      return null;
    } finally {
      this.#running -= 1;
    }
  }
}

/** Who is new among what was written, or has another name than so far; noted in `names`. */
function newPeople(written: readonly StoredMessage[], names: Map<string, string>): readonly Person[] {
  const newest = new Map(written.map((message) => [message.from, message]));
  const people: Person[] = [];
  for (const { from, bodyJson } of newest.values()) {
    // The server is nobody, and of an erased body nothing is left.
    if (from.startsWith("@")) continue;
    const body = bodyJson === null ? null : bodyFromJson(bodyJson);
    const said = isJsonObject(body) && typeof body["name"] === "string" ? body["name"] : "";
    const name = said.slice(0, MAX_NAME) || (names.get(from) ?? "");
    if (names.get(from) === name) continue;
    names.set(from, name);
    people.push({ identity: from, name });
  }
  return people;
}

function downloadHeaders(name: string): Record<string, string> {
  const safe = encodeURIComponent(name).replaceAll("'", "%27");
  return {
    "content-disposition": `attachment; filename="export.jsonl"; filename*=UTF-8''${safe}.jsonl`,
  };
}

function lineOf({ bodyJson, ...message }: StoredMessage): string {
  const line = JSON.stringify(message).slice(0, -1);
  return bodyJson === null ? `${line},"body":null,"redacted":true}` : `${line},"body":${bodyJson}}`;
}
