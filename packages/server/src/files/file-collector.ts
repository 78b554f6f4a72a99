import type { Clock, TimerHandle } from "@parlor/base";
import type { RoomLog } from "@parlor/log";
import type { FileDesk } from "./file-desk.ts";
import type { Files } from "./files.ts";
import type { FileUse } from "./ledger-records.ts";
import { holdsFile } from "./named-files.ts";

/** Between two counts of what there is; between two looks for what nobody holds. */
const COUNT_MS = 60_000;
const LOOK_MS = 3_600_000;
/** Where another process looks: whether it still does. */
const ASK_MS = 20_000;
/** The first look comes soon: a process that died may have left something. */
const FIRST_LOOK_MS = 5_000;
/** What no ledger knows may be about to be known; after so long it is not. */
const UNKNOWN_AGE_MS = 3_600_000;
/** Whoever gave a blob up deletes it at once; after so long it has died. */
const DOOMED_AGE_MS = 60_000;
const AT_ONCE = 200;
const PAGE = { maxMessages: 500, maxBytes: 1_048_576 };

export interface CollectorEvents {
  /** So many files and uploads were deleted. */
  readonly onCollected: (count: number) => void;
  readonly onFault: (fault: unknown) => void;
}

/**
 * Deletes files that nobody holds: uploads that stand still, or that no message names; what messages held that
 * are gone (trimmed, deleted elsewhere); what a process left that died. The log decides: as long as it can't be
 * asked nothing is deleted.
 */
export class FileCollector {
  readonly #files: Files;
  readonly #desk: FileDesk;
  readonly #log: RoomLog;
  readonly #clock: Clock;
  readonly #events: CollectorEvents;
  readonly #timers = new Map<string, TimerHandle>();
  #totals = { files: 0, bytes: 0, uploads: 0 };
  #isClosed = false;
  #looking: Promise<void> = Promise.resolve();

  constructor(files: Files, desk: FileDesk, log: RoomLog, clock: Clock, events: CollectorEvents) {
    this.#files = files;
    this.#desk = desk;
    this.#log = log;
    this.#clock = clock;
    this.#events = events;
    this.#every("count", 1, async () => {
      await this.#count();
      return COUNT_MS;
    });
    this.#every("look", FIRST_LOOK_MS, async () => {
      if (!files.collects) return ASK_MS;
      await this.collect();
      return LOOK_MS;
    });
  }

  /** What there was when it was last counted, at most a minute ago. */
  get totals(): { readonly files: number; readonly bytes: number; readonly uploads: number } {
    return this.#totals;
  }

  /** Looks once, behind a look that is under way. Rejects where log or disk can't be asked; what was done stays. */
  collect(): Promise<void> {
    this.#looking = this.#looking.catch(() => undefined).then(() => this.#collect());
    return this.#looking;
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers.values()) this.#clock.cancel(timer);
  }

  async #collect(): Promise<void> {
    await this.#endIdleUploads();
    await this.#forgetLostUses();
    await this.#desk.deleteDoomed(await this.#ledger.doomedBefore(this.#clock.now() - DOOMED_AGE_MS));
    await this.#deleteUnknown();
  }

  async #endIdleUploads(): Promise<void> {
    const before = this.#clock.now() - this.#files.orphanAgeMs;
    for (;;) {
      const idle = await this.#ledger.idleUploads(before, AT_ONCE);
      for (const { id, room, hash } of idle) {
        if (this.#isClosed) return;
        // Whoever stored a message with it may have died before that was noted.
        if (hash !== null) await this.#noteUses(room, hash);
        if (await this.#desk.cancel(id, room)) this.#events.onCollected(1);
      }
      if (idle.length < AT_ONCE) return;
    }
  }

  async #noteUses(room: string, hash: string): Promise<void> {
    const link = await this.#ledger.link(room, hash);
    let after = link?.behind ?? Infinity;
    for (let more = link !== null; more; ) {
      const page = await this.#log.read(room, after, PAGE);
      for (const message of page.messages) {
        if (holdsFile(message, hash)) await this.#ledger.use(room, message.offset, message.from, [hash]);
        after = message.offset;
      }
      more = page.more && !this.#isClosed;
    }
  }

  async #forgetLostUses(): Promise<void> {
    for (let last: FileUse | null = null; ; ) {
      const uses: readonly FileUse[] = await this.#ledger.usesAfter(last, AT_ONCE);
      for (const use of uses) {
        if (this.#isClosed) return;
        if (await this.#isHeld(use)) continue;
        await this.#desk.deleteDoomed(await this.#ledger.forget(use, this.#clock.now()));
        this.#events.onCollected(1);
      }
      last = uses.at(-1) ?? null;
      if (uses.length < AT_ONCE) return;
    }
  }

  async #isHeld({ room, message, hash }: FileUse): Promise<boolean> {
    const page = await this.#log.read(room, message - 1, { maxMessages: 1, maxBytes: 1 });
    if (message > page.head) return this.#log.canLag;
    const [found] = page.messages;
    return found?.offset === message && holdsFile(found, hash);
  }

  async #deleteUnknown(): Promise<void> {
    const before = this.#clock.now() - UNKNOWN_AGE_MS;
    for await (const { kind, name, madeAt } of this.#files.store.list()) {
      if (this.#isClosed) return;
      if (madeAt >= before || (await this.#ledger.unknown(kind, [name])).length === 0) continue;
      if (kind === "part") await this.#files.store.dropParts([name]);
      else if (await this.#ledger.doomUnknown(name, this.#clock.now())) await this.#desk.deleteDoomed([name]);
      this.#events.onCollected(1);
    }
  }

  async #count(): Promise<void> {
    this.#totals = await this.#ledger.totals();
  }

  /** @param work  Says after how many ms it is to be done again. */
  #every(name: string, firstMs: number, work: () => Promise<number>): void {
    const run = (): void => {
      void work()
        .catch((fault: unknown) => {
          if (!this.#isClosed) this.#events.onFault(fault);
          return name === "count" ? COUNT_MS : LOOK_MS;
        })
        .then((everyMs) => {
          if (!this.#isClosed) this.#timers.set(name, this.#clock.after(everyMs, run));
        });
    };
    this.#timers.set(name, this.#clock.after(firstMs, run));
  }

  get #ledger() {
    return this.#files.ledger.calls;
  }
}
