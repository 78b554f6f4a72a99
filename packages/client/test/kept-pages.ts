import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { CoreClient } from "../src/core-client.ts";
import type { ClientOptions } from "../src/index.ts";
import { LockClaims, type Locks } from "../src/kept-outbox/claims.ts";
import { IndexedDbStore } from "../src/kept-outbox/indexed-db-store.ts";
import type { PageLife } from "../src/kept-outbox/freed-producers.ts";
import type { OutboxStorage } from "../src/kept-outbox/outbox-storage.ts";
import type { KeptPublish, OutboxStore } from "../src/kept-outbox/outbox-store.ts";
import { KEPT_LIMITS } from "../src/kept-outbox/record-writer.ts";
import { loadKept } from "../src/kept-outbox/start.ts";
import { outboxLimits } from "../src/options.ts";
import { publishingOf, type Publishing } from "../src/publishing.ts";
import { ClientRoom } from "../src/room.ts";
import { loadUpward } from "../src/upward-part.ts";

const SERVER = "http://parlor.test/";

/** The locks of one browser, as `navigator.locks` gives them: first come, first served. */
class BrowserLocks {
  readonly #queues = new Map<string, Promise<void>>();

  /** Those of one page: they end when it does. */
  ofPage(died: Promise<void>): Locks {
    const request = async (name: string, ...rest: readonly unknown[]): Promise<unknown> => {
      const { signal } = (rest.length > 1 ? rest[0] : {}) as { readonly signal?: AbortSignal };
      const run = rest.at(-1) as () => Promise<unknown>;
      let isDead = false;
      void died.then(() => (isDead = true));
      const turn = (this.#queues.get(name) ?? Promise.resolve()).then(async () => {
        if (!isDead && signal?.aborted !== true) await Promise.race([run(), died]);
      });
      this.#queues.set(name, turn);
      return await turn;
    };
    return { request: request as Locks["request"] };
  }
}

/** One browser: its disk and its locks, which outlive its pages. */
export class Browser {
  readonly disk = new IDBFactory();
  readonly locks = new BrowserLocks();
  limits: { readonly maxCount: number; readonly maxBytes: number } = KEPT_LIMITS;
  /** What writes reject with, as long as it is set. */
  fault: Error | null = null;
  /** Writes are not answered, as long as it is set. */
  isSilent = false;

  /** All that is on disk. */
  async records(): Promise<readonly KeptPublish[]> {
    const store = new IndexedDbStore(this.disk);
    const rows = await store.producers();
    const records = await Promise.all(rows.map(({ producer }) => store.list(producer)));
    store.close();
    return records.flat();
  }
}

/** One page in it: a client that keeps its outbox there. */
export class KeptPage extends CoreClient {
  readonly publishing: Publishing;
  /** The browser freezes the page, and lets it go on. */
  freeze: () => void = () => undefined;
  thaw: () => void = () => undefined;
  #die: () => void = () => undefined;
  #isDead = false;

  constructor(browser: Browser, options: ClientOptions) {
    super(SERVER, options);
    const died = new Promise<void>((resolve) => (this.#die = resolve));
    const store = new MortalStore(browser, () => this.#isDead);
    const { limits } = browser;
    const life: PageLife = {
      listen: (onAway, onBack) => {
        [this.freeze, this.thaw] = [onAway, onBack];
        return () => undefined;
      },
    };
    const means = { store, life, claims: new LockClaims(browser.locks.ofPage(died)), limits };
    this.publishing = publishingOf(this.shell, outboxLimits(options), (...client) =>
      loadKept(this, ...client, SERVER, options.keepOutbox ?? true, loadUpward, means),
    );
  }

  get outboxStorage(): OutboxStorage | null {
    return this.publishing.kept?.storage ?? null;
  }

  override room(name: string): ClientRoom {
    return this.roomOf(name, () => new ClientRoom(name, this.shell, this.publishing));
  }

  /** Ends as a killed process does: nothing more is written, and its locks are free. */
  die(): void {
    this.#isDead = true;
    this.#die();
    this.close();
  }
}

/** A store that a page which is gone can't reach any more; what it began may end either way. */
class MortalStore implements OutboxStore {
  readonly #store: IndexedDbStore;
  readonly #browser: Browser;
  readonly #isDead: () => boolean;

  constructor(browser: Browser, isDead: () => boolean) {
    this.#store = new IndexedDbStore(browser.disk);
    this.#browser = browser;
    this.#isDead = isDead;
  }

  producers: OutboxStore["producers"] = async () => await this.#alive(this.#store.producers());
  list: OutboxStore["list"] = async (producer) => await this.#alive(this.#store.list(producer));

  write: OutboxStore["write"] = async (change) => {
    const { fault } = this.#browser;
    if (fault !== null && change.puts.length > 0) throw fault;
    if (this.#isDead() || this.#browser.isSilent) return await new Promise(() => undefined);
    return await this.#alive(this.#store.write(change));
  };

  forget: OutboxStore["forget"] = async (producer) => {
    if (this.#isDead()) return await new Promise(() => undefined);
    return await this.#alive(this.#store.forget(producer));
  };

  close(): void {
    this.#store.close();
  }

  async #alive<Value>(answer: Promise<Value>): Promise<Value> {
    const value = await answer;
    return this.#isDead() ? await new Promise(() => undefined) : value;
  }
}

/** Lets the disk and all that waits for it come to rest. */
export async function settle(turns = 12): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}
