import type { Clock } from "@parlor/base";
import type { Claims } from "./claims.ts";
import type { KeptKey, KeptPublish, OutboxStore } from "./outbox-store.ts";
import { StorageFault, storageFault } from "./storage-fault.ts";

/** What one client keeps on disk at most, all rooms together. */
export const KEPT_LIMITS = Object.freeze({ maxCount: 5_000, maxBytes: 33_554_432 });

/** A store that takes longer than this is gone on without, until it answers, ms. */
const PATIENCE_MS = 3_000;

/** How long a producer stays held that has nothing on disk any more, so that a busy page need not claim it each time. */
const LINGER_MS = 10_000;

/** null: it is on disk. */
type Done = (fault: StorageFault | null) => void;

interface Operation {
  readonly key: KeptKey;
  /** null: to be removed. */
  readonly record: KeptPublish | null;
  readonly done: Done;
}

/** What is on disk of one producer. */
interface Held {
  /** Bytes of each record, by room and seq. */
  readonly records: Map<string, number>;
  /** null: not claimed yet. */
  release: (() => void) | null;
  stopLingering: () => void;
}

export interface WriterMeans {
  readonly store: OutboxStore;
  readonly claims: Claims;
  readonly clock: Clock;
  /** Whose the records are. */
  readonly scope: string;
  readonly limits: { readonly maxCount: number; readonly maxBytes: number };
  /** A producer's first records are on disk. */
  readonly onHeld: (producer: string) => void;
  /** Something was written, or could not be. */
  readonly onWritten: () => void;
}

/**
 * Brings records to disk and away again, in order; what comes while it writes goes together into the next
 * transaction.
 *
 * Owns:     which records are on disk, how many may be, and the claims on their producers.
 * Leaves:   what is to be kept, and when (kept-outbox.ts).
 * Bounded:  KEPT_LIMITS on disk; what waits to be written is in an outbox, which is bounded.
 */
export class RecordWriter {
  readonly #means: WriterMeans;
  readonly #held = new Map<string, Held>();
  #queue: Operation[] = [];
  readonly #late: Operation[] = [];
  #count = 0;
  #bytes = 0;
  #isWriting = false;
  /** The store has not answered within its time. */
  #isStuck = false;
  #isClosed = false;

  constructor(means: WriterMeans) {
    this.#means = means;
  }

  put(record: KeptPublish, done: Done): void {
    const { limits } = this.#means;
    const held = this.#of(record.producer);
    const isNew = !held.records.has(nameOf(record));
    if (isNew && (this.#count >= limits.maxCount || this.#bytes + record.bytes > limits.maxBytes)) {
      const words = `${this.#count} publishes of ${this.#bytes} bytes are kept on disk; no more are.`;
      return queueMicrotask(() => done(new StorageFault("too-many", words)));
    }
    if (this.#isStuck) {
      return queueMicrotask(() => done(stuck()));
    }
    if (isNew) {
      held.records.set(nameOf(record), record.bytes);
      this.#count += 1;
      this.#bytes += record.bytes;
    }
    this.#add({ key: record, record, done });
  }

  remove(key: KeptKey): void {
    if (this.#drop(key)) this.#add({ key, record: null, done: () => undefined });
  }

  /** Another's records are this page's from now on, with the claim on them. */
  adopt(producer: string, records: readonly KeptPublish[], release: () => void): void {
    const held = this.#of(producer);
    held.release = release;
    for (const record of records) {
      held.records.set(nameOf(record), record.bytes);
      this.#count += 1;
      this.#bytes += record.bytes;
    }
  }

  /** Lets go of a producer whose records stay on disk, for whoever waits for it. */
  leave(producer: string): void {
    const held = this.#held.get(producer);
    if (held === undefined) return;
    this.#held.delete(producer);
    this.#count -= held.records.size;
    for (const bytes of held.records.values()) this.#bytes -= bytes;
    held.release?.();
  }

  /** What is asked for by now is still written; then all is let go of. */
  close(): void {
    this.#isClosed = true;
    if (!this.#isWriting) void this.#run();
  }

  #of(producer: string): Held {
    let held = this.#held.get(producer);
    if (held === undefined) {
      held = { records: new Map(), release: null, stopLingering: () => undefined };
      this.#held.set(producer, held);
    }
    return held;
  }

  #drop(key: KeptKey): boolean {
    const records = this.#held.get(key.producer)?.records;
    const bytes = records?.get(nameOf(key));
    if (records === undefined || bytes === undefined) return false;
    records.delete(nameOf(key));
    this.#count -= 1;
    this.#bytes -= bytes;
    return true;
  }

  #add(operation: Operation): void {
    this.#queue.push(operation);
    if (this.#isWriting) return;
    this.#isWriting = true;
    // What one turn asks for goes into one transaction.
    queueMicrotask(() => void this.#run());
  }

  async #run(): Promise<void> {
    this.#isWriting = true;
    for (let [first] = this.#queue; first !== undefined; [first] = this.#queue) {
      const { producer } = first.key;
      const batch = this.#queue.filter(({ key }) => key.producer === producer);
      this.#queue = this.#queue.filter(({ key }) => key.producer !== producer);
      await this.#write(producer, batch);
      this.#means.onWritten();
      if (this.#held.get(producer)?.records.size === 0) this.#linger(producer);
    }
    this.#isWriting = false;
    if (!this.#isClosed) return;
    for (const producer of [...this.#held.keys()]) this.leave(producer);
    this.#means.claims.close();
    this.#means.store.close();
  }

  async #write(producer: string, batch: readonly Operation[]): Promise<void> {
    const held = this.#of(producer);
    held.stopLingering();
    const fault = await this.#try(producer, batch);
    // What is to go goes once the store answers again. Where it never does, the next page sends it once more, and is
    // told that it is a duplicate.
    if (fault?.isUnknown === true) {
      const late = batch.filter(({ record }) => record === null);
      if (this.#isStuck) this.#late.push(...late);
      else this.#queue.push(...late);
    }
    // Whether something of it is there after all, a store that did not answer can't say: it is removed in its time.
    if (fault === null || batch.length === 1) {
      for (const { done } of batch) done(fault);
      return;
    }
    // What goes makes room for what comes; and of that as much as there is room for.
    await this.#try(
      producer,
      batch.filter(({ record }) => record === null),
    );
    for (const operation of batch)
      if (operation.record !== null) operation.done(await this.#try(producer, [operation]));
  }

  async #try(producer: string, batch: readonly Operation[]): Promise<StorageFault | null> {
    if (batch.length === 0) return null;
    if (this.#isStuck) return stuck();
    const { store, claims, scope, clock, onHeld } = this.#means;
    const held = this.#of(producer);
    const write = async (): Promise<null> => {
      const isFirst = held.release === null;
      held.release ??= await claims.hold(producer);
      // The newest of each: an earlier one of the same batch is past.
      const newest = new Map(batch.map((operation) => [nameOf(operation.key), operation]));
      const puts = [...newest.values()].flatMap(({ record }) => record ?? []);
      const removes = [...newest.values()].filter(({ record }) => record === null).map(({ key }) => key);
      await store.write({ producer: { producer, scope, since: clock.now() }, puts, removes });
      if (isFirst) onHeld(producer);
      return null;
    };
    const writing = write().catch(storageFault);
    return await this.#patiently(writing);
  }

  /** No publish waits for a store for ever. */
  async #patiently(writing: Promise<StorageFault | null>): Promise<StorageFault | null> {
    const { clock } = this.#means;
    return await new Promise((resolve) => {
      const timer = clock.after(PATIENCE_MS, () => {
        this.#isStuck = true;
        resolve(stuck());
      });
      void writing.then((fault) => {
        clock.cancel(timer);
        this.#isStuck = false;
        for (const operation of this.#late.splice(0)) this.#add(operation);
        resolve(fault);
      });
    });
  }

  #linger(producer: string): void {
    const { clock, store } = this.#means;
    const held = this.#of(producer);
    const letGo = (): void => {
      if (held.records.size > 0) return;
      this.#held.delete(producer);
      const release = (): void => held.release?.();
      // Where it can't be forgotten the next page that reads it finds it empty, and tries, too.
      store.forget(producer).then(release, release);
    };
    const timer = clock.after(LINGER_MS, letGo);
    held.stopLingering = () => clock.cancel(timer);
  }
}

function nameOf({ room, seq }: Pick<KeptKey, "room" | "seq">): string {
  return `${seq}/${room}`;
}

function stuck(): StorageFault {
  return new StorageFault("storage", "The browser's storage does not answer.", undefined, true);
}
