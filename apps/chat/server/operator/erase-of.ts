import { isSideRoom, type RoomLog, sideRoom, type StoredMessage } from "@parlor/log";
import { bodyFromJson, isJsonObject } from "@parlor/protocol";
import type { Parlor } from "@parlor/server";
import { writtenBy } from "./written-by.ts";

/** Erasures that are given to the log at a time: together they cost it hardly more than one. */
const AT_ONCE = 200;

const DONE = Promise.resolve();

const STATE = sideRoom("state", "");

export interface EraseProgress {
  readonly share: number;
  readonly messages: number;
  readonly rooms: number;
}

/**
 * Erases all that one identity wrote: the bodies of its messages, with what it said about others', the files that they
 * hold, and the values that it set in rooms and nobody has set since. Messages keep their place and who wrote them.
 * Where something was erased, those who look are told by an entry of the server's own, once for each `id`. Twice is the
 * same as once, so what broke off is begun again.
 */
export async function* eraseOf(
  parlor: Parlor,
  log: RoomLog,
  identity: string,
  id: string,
  isWanted: () => boolean,
): AsyncGenerator<EraseProgress> {
  const rooms = new Set<string>();
  let messages = 0;
  for await (const page of writtenBy(log, identity, true, isWanted)) {
    const { room } = page;
    if (isSideRoom(room)) await eraseState(parlor, log, room, identity, page.found);
    else {
      await inTurns(page.found, ({ offset, bodyJson }) =>
        bodyJson === null ? DONE : parlor.room(room).redact(offset),
      );
      messages += page.found.length;
      if (page.found.length > 0 && !rooms.has(room)) {
        rooms.add(room);
        await tellRoom(parlor, room, identity, id);
      }
    }
    const share = page.totalMessages === 0 ? 1 : page.messages / page.totalMessages;
    yield { share, messages, rooms: rooms.size };
  }
}

/** In the form of a moderator's acts, so that pages that are open show it at once. */
async function tellRoom(parlor: Parlor, room: string, identity: string, id: string): Promise<void> {
  const act = { kind: "clear", identity, by: "@operator", link: null, id };
  const text = "What one person wrote here was erased by the operator of this server.";
  await parlor.room(room).publish({ text, name: "Moderation", act }, { idempotencyKey: id });
}

/** A value that somebody else has set since is theirs. */
async function eraseState(
  parlor: Parlor,
  log: RoomLog,
  side: string,
  identity: string,
  found: readonly StoredMessage[],
): Promise<void> {
  if (!side.startsWith(STATE) || found.length === 0) return;
  const room = parlor.room(side.slice(STATE.length));
  const last = new Map<string, string>();
  for (let after = (found[0]?.offset ?? 1) - 1, more = true; more; ) {
    const page = await log.read(side, after, { maxMessages: 500, maxBytes: 1_048_576 });
    for (const { from, bodyJson } of page.messages) {
      const record = bodyJson === null ? null : bodyFromJson(bodyJson);
      if (isJsonObject(record) && typeof record["key"] === "string") last.set(record["key"], from);
    }
    ({ more } = page);
    after = page.messages.at(-1)?.offset ?? page.head;
  }
  for (const [key, from] of last) if (from === identity) await room.set(key, null);
  await inTurns(found, ({ offset, bodyJson }) => (bodyJson === null ? DONE : log.redact(side, offset)));
}

async function inTurns(
  messages: readonly StoredMessage[],
  work: (message: StoredMessage) => Promise<unknown>,
): Promise<void> {
  for (let i = 0; i < messages.length; i += AT_ONCE) {
    await Promise.all(messages.slice(i, i + AT_ONCE).map(work));
  }
}
