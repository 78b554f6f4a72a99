import { isSideRoom, type RoomLog, type StoredMessage } from "@parlor/log";
import { ACTS_ROOM } from "./operator-acts.ts";

const ROOMS_AT_ONCE = 200;
const PAGE = { maxMessages: 500, maxBytes: 1_048_576 };

/** A page of a room that was read, and how far the walk is. */
export interface WalkedPage {
  readonly room: string;
  /** What the identity wrote of it, those whose body was erased before included. */
  readonly found: readonly StoredMessage[];
  readonly rooms: number;
  readonly messages: number;
  readonly totalRooms: number;
  readonly totalMessages: number;
}

/**
 * Reads every room and tells what one identity wrote in it: the log has no index by identity. A page at a time, and
 * between two pages others have their turn. What is written meanwhile in rooms that were read is not seen.
 *
 * @param identity  Null for everybody.
 * @param withState  Also what the server keeps beside rooms: the values that were set in them.
 * @param isWanted  Asked between pages.
 */
export async function* writtenBy(
  log: RoomLog,
  identity: string | null,
  withState: boolean,
  isWanted: () => boolean,
): AsyncGenerator<WalkedPage> {
  const total = { rooms: 0, messages: 0 };
  for await (const { messages } of roomsOf(log, withState)) {
    total.rooms += 1;
    total.messages += messages;
  }
  let [rooms, messages] = [0, 0];
  for await (const { room } of roomsOf(log, withState)) {
    rooms += 1;
    for (let after = 0, more = true; more; ) {
      if (!isWanted()) return;
      const page = await log.read(room, after, PAGE);
      messages += page.messages.length;
      const found = page.messages.filter(({ from }) => identity === null || from === identity);
      yield {
        room,
        found,
        rooms,
        messages,
        totalRooms: Math.max(total.rooms, rooms),
        totalMessages: Math.max(total.messages, messages),
      };
      ({ more } = page);
      after = page.messages.at(-1)?.offset ?? page.head;
      await othersTurn();
    }
  }
}

/** Every room by name, but for what operators did. */
export async function* roomsOf(
  log: RoomLog,
  withState: boolean,
  from = "",
): AsyncGenerator<Awaited<ReturnType<RoomLog["rooms"]>>[number]> {
  for (let afterName = from; ; ) {
    const page = await log.rooms(afterName, ROOMS_AT_ONCE);
    for (const summary of page) {
      if (summary.room !== ACTS_ROOM && (withState || !isSideRoom(summary.room))) yield summary;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < ROOMS_AT_ONCE) return;
    afterName = last.room;
    await othersTurn();
  }
}

/** Sockets are read before it goes on. */
function othersTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
