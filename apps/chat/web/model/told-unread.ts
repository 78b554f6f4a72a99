import type { ParlorClient } from "@parlor/client";
import { counted, unreadBehind, type Unread } from "./unread.ts";
import type { YourRoom } from "./your-rooms.ts";

/** What the server's reader says is unread of a room. */
export interface ToldUnread {
  readonly epoch: string;
  readonly upTo: number;
  /** Offsets of the newest, ascending; more than `MAX_COUNTED` say that there are more. */
  readonly unread: readonly number[];
  readonly mentions: readonly number[];
}

/** How long the server has to say it, in ms; then it is counted without. */
const TIMEOUT_MS = 3_000;

/**
 * What came of rooms while nobody here watched, counted by the server: of forty rooms its numbers are a thousandth of
 * the messages. Nothing where it can't say: then each room is counted from its log, as far as that is asked for.
 *
 * @param name The name that one is spoken to by; null for none.
 */
export async function askUnread(
  client: ParlorClient,
  yours: readonly YourRoom[],
  name: string | null,
): Promise<readonly (ToldUnread & { readonly room: string })[]> {
  const rooms = yours.flatMap(({ name: room, read }) => (read === null ? [] : [{ room, ...read }]));
  if (rooms.length === 0) return [];
  try {
    return await client.request("unread", { name, rooms }, { timeoutMs: TIMEOUT_MS });
  } catch {
    // Intentionally without a word: the counts come all the same, and later.
    return [];
  }
}

/** What of it was counted here already, or read, is not counted again. */
export function afterTold(unread: Unread, told: ToldUnread): Unread {
  if (unread.epoch === null) return unread;
  const before = unread.epoch === told.epoch ? unread : unreadBehind({ epoch: told.epoch, offset: 0 });
  if (told.upTo <= before.countedTo) return unread;
  const mentions = new Set(told.mentions);
  const found = told.unread
    .filter((offset) => offset > before.readTo && offset > before.countedTo)
    .map((offset) => ({ offset, isMention: mentions.has(offset) }));
  return counted(before, found, told.upTo);
}
