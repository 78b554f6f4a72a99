import { isSideRoom } from "@parlor/log";
import type { NatsLink } from "./nats-link.ts";
import { decodeRecord, type RoomRecord } from "./record.ts";
import type { RoomList } from "./room-list.ts";
import type { Subjects } from "./subjects.ts";

/** Records without messages that are read past, before a room is taken for an old one. */
const READ_PAST = 8;

/**
 * Finds rooms whose oldest record is of before a time, with a question or two each, so that what grows too old is
 * forgotten in rooms that no node has open, too.
 */
export class AgedRooms {
  readonly #link: NatsLink;
  readonly #subjects: Subjects;
  readonly #list: RoomList;

  constructor(link: NatsLink, subjects: Subjects, list: RoomList) {
    this.#link = link;
    this.#subjects = subjects;
    this.#list = list;
  }

  /**
   * Those that may hold a message of before `at`, by name, one question after the other.
   *
   * @param isWanted  Rooms for which it is false are not asked about.
   */
  async *olderThan(at: number, isWanted: (room: string) => boolean): AsyncIterable<string> {
    for await (const room of this.#list.after("")) {
      if (!isSideRoom(room) && isWanted(room) && (await this.#isOlder(room, at))) yield room;
    }
  }

  async #isOlder(room: string, at: number): Promise<boolean> {
    const { stream, records } = this.#subjects.room(room);
    let after = 0;
    for (let past = 0; past < READ_PAST; past++) {
      const found = await this.#link.next(stream, records, after);
      if (found === null) return false;
      const record = decodeRecord(found.data);
      if (record !== null && !isBare(record)) return (record.ats?.[0] ?? record.at) < at;
      after = found.seq;
    }
    return true;
  }
}

/** What is left of a room of which all was forgotten; what names erasures has others beside the stream. */
function isBare({ messages, redact, erased }: RoomRecord): boolean {
  return messages.length === 0 && redact === undefined && erased === undefined;
}
