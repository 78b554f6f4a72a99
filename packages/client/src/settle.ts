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
export class Settling {
  /** By `from` and seq. */
  readonly #sought: ReadonlyMap<string, OutboxItem>;
  readonly #producer: string;
  readonly found = new Map<OutboxItem, number>();
  /** The epoch of the pages so far; empty before the first. */
  epoch = "";
  isAsked = false;
  #before: number | undefined;
  #pages = 0;

  constructor(producer: string, uncertain: readonly OutboxItem[]) {
    this.#producer = producer;
    this.#sought = new Map(uncertain.map((item) => [`${item.sentAs}/${item.seq}`, item]));
  }

  get items(): Iterable<OutboxItem> {
    return this.#sought.values();
  }

  nextQuery(room: string): HistoryQuery {
    this.isAsked = true;
    return { room, before: this.#before, limit: PAGE_MESSAGES };
  }

  /**
   * Takes the page that was asked for. null: there is more to read. true: every message that could have
   * been one of the sought was seen. false: it can't be.
   */
  read({ epoch, messages, earliest, more }: HistoryPageFrame): boolean | null {
    this.isAsked = false;
    this.#pages += 1;
    const canReadOn = this.#pages < MAX_PAGES;
    if (this.epoch !== "" && this.epoch !== epoch) {
      // The room was replaced while it was read: what was found is in a history that is no more.
      this.found.clear();
      this.epoch = "";
      this.#before = undefined;
      return canReadOn ? null : false;
    }
    this.epoch = epoch;
    for (const { offset, from, producer, seq } of messages) {
      const item = producer === this.#producer ? this.#sought.get(`${from}/${seq}`) : undefined;
      if (item !== undefined) this.found.set(item, offset);
    }
    if (this.found.size === this.#sought.size) return true;

    // All of them lie behind it; it says nothing in another epoch, or where nothing was known.
    const floor = Math.min(
      ...[...this.items].map(({ sentBehind }) => (sentBehind?.epoch === epoch ? sentBehind.offset : 0)),
    );
    this.#before = messages[0]?.offset;
    if (more && this.#before !== undefined && this.#before > floor + 1) return canReadOn ? null : false;
    return earliest <= floor + 1;
  }
}
