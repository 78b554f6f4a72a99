import type { HistoryPageFrame } from "@parlor/protocol";
import type { HistoryQuery } from "./history-requests.ts";
import type { OutboxItem } from "./outbox-item.ts";

/** The most that a page may hold. */
const PAGE_MESSAGES = 500;
/** 100,000 messages; behind that, "it may be stored" is said instead. */
const MAX_PAGES = 200;

/**
 * Settling: finding out which uncertain publishes are in the log, by reading it.
 *
 * Needed where the server can't say, because it has forgotten the producer (or now takes us for another
 * identity). The room is read backwards from its head to where it stood when the first of them was sent;
 * each is recognised by (from, producer, seq). Found: it is settled. Not found, and the whole stretch was
 * there to read: it is not stored, and goes out again. Anything else can't be known, and is told so.
 *
 * What goes out again keeps its producer and seq, so that a server that remembers after all (another
 * node, a late copy on a dying connection) still drops the second of two. [ONCE-…]
 */
export interface Settling {
  readonly sought: readonly OutboxItem[];
  /** Their offsets. */
  readonly found: ReadonlyMap<OutboxItem, number>;
  /** The epoch of the pages so far; empty before the first. */
  readonly epoch: string;
  /** A page is asked for, and not answered. */
  isAsked: boolean;
  /** The page to read; null while it is asked for. */
  nextQuery(): HistoryQuery | null;
  /**
   * Takes the page that was asked for. null: there is more to read. true: every message that could have
   * been one of the sought was seen. false: it can't be.
   */
  read(page: HistoryPageFrame): boolean | null;
}

export function settlingOf(room: string, producer: string, sought: readonly OutboxItem[]): Settling {
  const byName = new Map(sought.map((item) => [`${item.sentAs}/${item.seq}`, item]));
  const found = new Map<OutboxItem, number>();
  let before: number | undefined;
  let pages = 0;
  const settling = {
    sought,
    found,
    epoch: "",
    isAsked: false,
    nextQuery() {
      if (settling.isAsked) return null;
      settling.isAsked = true;
      return { room, before, limit: PAGE_MESSAGES };
    },
    read({ epoch, messages, earliest, more }: HistoryPageFrame): boolean | null {
      settling.isAsked = false;
      pages += 1;
      const onward = pages < MAX_PAGES ? null : false;
      if (settling.epoch !== "" && settling.epoch !== epoch) {
        // The room was replaced while it was read: what was found is in a history that is no more.
        found.clear();
        settling.epoch = "";
        before = undefined;
        return onward;
      }
      settling.epoch = epoch;
      for (const message of messages) {
        const item = byName.get(`${message.from}/${message.seq}`);
        if (item !== undefined && message.producer === producer) found.set(item, message.offset);
      }
      if (found.size === byName.size) return true;

      // All of them lie behind it; it says nothing in another epoch, or where nothing was known.
      const floor = Math.min(
        ...sought.map(({ sentBehind }) => (sentBehind?.epoch === epoch ? sentBehind.offset : 0)),
      );
      before = messages[0]?.offset;
      return more && before !== undefined && before > floor + 1 ? onward : earliest <= floor + 1;
    },
  };
  return settling;
}
