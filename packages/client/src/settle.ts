import { MAX_PAGE_MESSAGES, type HistoryPageFrame } from "@parlor/protocol";
import type { OutboxItem } from "./outbox-item.ts";

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
  readonly producer: string;
  /** Uncertain items by `from` and seq. */
  readonly sought: Map<string, OutboxItem>;
  readonly found: Map<OutboxItem, number>;
  /** The epoch of the pages so far. */
  epoch: string | null;
  before: number | undefined;
  pages: number;
  /** A page was asked for and has not come. */
  isAsked: boolean;
}

export type SettlingProgress =
  | { readonly kind: "reading" }
  /** `isWhole`: every message that could have been one of the sought was seen. */
  | { readonly kind: "done"; readonly isWhole: boolean };

/** 100,000 messages; behind that, "it may be stored" is said instead. */
const MAX_PAGES = 200;

export const SETTLING_PAGE_MESSAGES = MAX_PAGE_MESSAGES;

export function startSettling(producer: string, items: readonly OutboxItem[]): Settling {
  const sought = new Map<string, OutboxItem>();
  for (const item of items) {
    if (item.isUncertain && item.sentAs !== null) sought.set(`${item.sentAs}/${item.seq}`, item);
  }
  return { producer, sought, found: new Map(), epoch: null, before: undefined, pages: 0, isAsked: false };
}

/** Takes the page that was asked for. */
export function readPage(settling: Settling, page: HistoryPageFrame): SettlingProgress {
  settling.isAsked = false;
  settling.pages += 1;
  if (settling.epoch !== null && settling.epoch !== page.epoch) {
    // The room was replaced while it was read: what was found is in a history that is no more.
    settling.found.clear();
    settling.before = undefined;
    settling.epoch = null;
    return settling.pages < MAX_PAGES ? { kind: "reading" } : { kind: "done", isWhole: false };
  }
  settling.epoch = page.epoch;
  for (const message of page.messages) {
    if (message.producer !== settling.producer) continue;
    const item = settling.sought.get(`${message.from}/${message.seq}`);
    if (item !== undefined) settling.found.set(item, message.offset);
  }
  if (settling.found.size === settling.sought.size) return { kind: "done", isWhole: true };

  const floor = floorOf(settling, page.epoch);
  const oldest = page.messages[0]?.offset;
  if (oldest === undefined || !page.more || oldest <= floor + 1) {
    return { kind: "done", isWhole: page.earliest <= floor + 1 };
  }
  settling.before = oldest;
  return settling.pages < MAX_PAGES ? { kind: "reading" } : { kind: "done", isWhole: false };
}

/** The offset behind which all sought messages lie; 0 where that is not known in this epoch. */
function floorOf(settling: Settling, epoch: string): number {
  let floor = Infinity;
  for (const { sentBehind } of settling.sought.values()) {
    floor = Math.min(floor, sentBehind?.epoch === epoch ? sentBehind.offset : 0);
  }
  return floor;
}
