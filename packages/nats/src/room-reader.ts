import { type Page, type ReadBounds, type StoredMessage, unavailable } from "@parlor/log";
import { decodeRecord } from "./record.ts";
import type { RecordCache } from "./record-cache.ts";
import { ERASED, type IndexedRecord, isFolded, type RecordIndex } from "./record-index.ts";
import { type RoomFold, storedMessages } from "./room-fold.ts";

/** Where a record's bytes are found: in the stream, or what replaced it; null where what is right is gone. */
export type FetchRecord = (seq: number, isRight: (data: Uint8Array) => boolean) => Promise<Uint8Array | null>;

const TRIES = 5;
const AT_ONCE = 16;

/** Reads the messages of one room: which there are says the fold, what is in them the records. */
export class RoomReader {
  readonly #stream: string;
  readonly #cache: RecordCache;
  readonly #fetch: FetchRecord;
  readonly #refresh: () => Promise<void>;
  /** Reads under way: whoever wants the same record shares them. */
  readonly #fetching = new Map<number, Promise<readonly StoredMessage[] | null>>();

  /** @param refresh  Reads on to the room's head: it forgot what is not to be found. */
  constructor(stream: string, cache: RecordCache, fetch: FetchRecord, refresh: () => Promise<void>) {
    this.#stream = stream;
    this.#cache = cache;
    this.#fetch = fetch;
    this.#refresh = refresh;
  }

  async read(foldNow: () => RoomFold, after: number, bounds: ReadBounds): Promise<Page> {
    return await this.#page(foldNow, ({ index }) => {
      const offsets = take(ascending(Math.max(index.earliest, after + 1), index.head), index, bounds);
      return { offsets, more: Math.max(after, index.earliest - 1) + offsets.length < index.head };
    });
  }

  async readBefore(foldNow: () => RoomFold, before: number, bounds: ReadBounds): Promise<Page> {
    return await this.#page(foldNow, ({ index }) => {
      const newest = Math.min(index.head, before - 1);
      const offsets = take(descending(newest, index.earliest), index, bounds).reverse();
      return { offsets, more: newest - offsets.length >= index.earliest };
    });
  }

  async related(
    foldNow: () => RoomFold,
    about: readonly number[],
    perMessage: number,
    bounds: ReadBounds,
  ): Promise<readonly StoredMessage[]> {
    const page = await this.#page(foldNow, ({ index }) => {
      const found = [...new Set(about)].flatMap((offset) => {
        const all = index.about(offset);
        return all.slice(Math.max(0, all.length - perMessage));
      });
      found.sort((a, b) => b - a);
      return { offsets: take(found, index, bounds).reverse(), more: false };
    });
    return page.messages;
  }

  /** Those of `offsets` that are kept. */
  async at(foldNow: () => RoomFold, offsets: readonly number[]): Promise<readonly StoredMessage[]> {
    const page = await this.#page(foldNow, ({ index }) => ({
      offsets: offsets.filter((offset) => index.find(offset) !== undefined),
      more: false,
    }));
    return page.messages;
  }

  /** All that is said of the room is of one moment; where a record of it is gone meanwhile, of a later one. */
  async #page(
    foldNow: () => RoomFold,
    choose: (fold: RoomFold) => { readonly offsets: readonly number[]; readonly more: boolean },
  ): Promise<Page> {
    for (let i = 0; i < TRIES; i++) {
      const fold = foldNow();
      const { epoch } = fold;
      const { head, earliest } = fold.index;
      const { offsets, more } = choose(fold);
      const messages = await this.#messages(fold.index, offsets);
      if (messages !== null) return { epoch, head, earliest, messages, more };
      await this.#refresh();
    }
    throw unavailable("records of a room are missing in the cluster");
  }

  async #messages(index: RecordIndex, offsets: readonly number[]): Promise<StoredMessage[] | null> {
    const places = offsets.map((offset) => ({ offset, record: index.find(offset) }));
    const wanted = [...new Set(places.flatMap(({ record }) => (record === undefined ? [] : [record])))];
    const records = new Map<number, readonly StoredMessage[]>();
    for (let i = 0; i < wanted.length; i += AT_ONCE) {
      const found = await Promise.all(
        wanted.slice(i, i + AT_ONCE).map(async (each) => [each.seq, await this.#record(each)] as const),
      );
      for (const [seq, messages] of found) {
        if (messages === null) return null;
        records.set(seq, messages);
      }
    }
    const messages: StoredMessage[] = [];
    for (const { offset, record } of places) {
      const found = record === undefined ? undefined : records.get(record.seq)?.[offset - record.base - 1];
      if (record === undefined || found === undefined) return null;
      const isErased = record.bytes[offset - record.base - 1] === ERASED;
      messages.push(isErased && found.bodyJson !== null ? { ...found, bodyJson: null } : found);
    }
    return messages;
  }

  async #record(indexed: IndexedRecord): Promise<readonly StoredMessage[] | null> {
    const { seq } = indexed;
    const cached = this.#cache.get(this.#stream, seq);
    if (cached !== undefined) return cached;
    let fetching = this.#fetching.get(seq);
    if (fetching === undefined) {
      fetching = this.#fetchRecord(indexed).finally(() => this.#fetching.delete(seq));
      this.#fetching.set(seq, fetching);
    }
    return await fetching;
  }

  async #fetchRecord(indexed: IndexedRecord): Promise<readonly StoredMessage[] | null> {
    const data = await this.#fetch(indexed.seq, (bytes) => {
      const found = decodeRecord(bytes);
      return found !== null && isFolded(indexed, found);
    });
    const record = data === null ? null : decodeRecord(data);
    if (record === null) return null;
    const messages = storedMessages(record);
    this.#cache.put(this.#stream, indexed.seq, messages);
    return messages;
  }
}

function* ascending(from: number, to: number): Iterable<number> {
  for (let offset = from; offset <= to; offset++) yield offset;
}

function* descending(from: number, to: number): Iterable<number> {
  for (let offset = from; offset >= to; offset--) yield offset;
}

/** As many offsets as the bounds allow, and one at least. A body counts with its bytes. */
function take(offsets: Iterable<number>, index: RecordIndex, bounds: ReadBounds): number[] {
  const taken: number[] = [];
  let bytes = 0;
  for (const offset of offsets) {
    const size = index.sizeOf(offset);
    if (size === undefined) break;
    bytes += Math.max(0, size);
    if (taken.length > 0 && (taken.length >= bounds.maxMessages || bytes > bounds.maxBytes)) break;
    taken.push(offset);
  }
  return taken;
}
