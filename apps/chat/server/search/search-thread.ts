import { Worker } from "node:worker_threads";
import { CodedError } from "@parlor/base";
import {
  makeFolderOf,
  type Projection,
  type ReaderPosition,
  type ReaderStep,
  type RoomPosition,
  type TakeOutcome,
} from "@parlor/server/projections";
import type { SearchAnswers, SearchCall, SearchReply, SearchRequest } from "./search-messages.ts";
import type { SearchAnswer, SearchQuestion } from "./search-query.ts";
import type { RoomUnread, UnreadQuestion } from "./unread-query.ts";

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A thread that searches or indexes. The one that indexes is the projection of the reader `search`, and searches too
 * where the index is in memory, which no other sees. One that died is started again by the next question; what it was asked is unavailable.
 */
export class SearchThread implements Projection {
  readonly forgets = true;
  /** A thread answers when it has its turn: what is asked together waits for one. */
  readonly roomsAtOnce = 16;
  readonly #path: string;
  readonly #isIndexer: boolean;
  readonly #entry: URL;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | null = null;
  #lastId = 0;
  #isClosed = false;

  /**
   * @param path  The index's file, or `:memory:`.
   * @param entry  What the thread runs.
   */
  constructor(path: string, isIndexer: boolean, entry = new URL("./search-worker.ts", import.meta.url)) {
    this.#path = path;
    this.#entry = entry;
    this.#isIndexer = isIndexer;
  }

  async open(now: number): Promise<number> {
    await makeFolderOf(this.#path);
    return this.#ask({ kind: "open", path: this.#path, now, isIndexer: this.#isIndexer });
  }

  position(room: string): Promise<ReaderPosition | null> {
    return this.#ask({ kind: "position", room });
  }

  positions(afterName: string, limit: number): Promise<readonly RoomPosition[]> {
    return this.#ask({ kind: "positions", afterName, limit });
  }

  take(step: ReaderStep): Promise<TakeOutcome> {
    return this.#ask({ kind: "take", step });
  }

  isRebuildWanted(): Promise<boolean> {
    return this.#ask({ kind: "is-rebuild-wanted" });
  }

  async rebuild(now: number): Promise<void> {
    await this.#ask({ kind: "rebuild", now });
  }

  search(question: SearchQuestion): Promise<SearchAnswer> {
    return this.#ask({ kind: "search", question });
  }

  unread(question: UnreadQuestion): Promise<readonly RoomUnread[]> {
    return this.#ask({ kind: "unread", question });
  }

  async close(): Promise<void> {
    if (this.#worker !== null && !this.#isClosed) {
      const closed = this.#ask({ kind: "close" });
      this.#isClosed = true;
      // One that died meanwhile is closed all the same.
      await closed.catch(() => undefined);
    }
    this.#isClosed = true;
    this.#onGone("the search is closed");
  }

  #ask<Kind extends SearchRequest["kind"]>(
    request: SearchRequest & { kind: Kind },
  ): Promise<SearchAnswers[Kind]> {
    if (this.#isClosed) return Promise.reject(unavailable("the search is closed"));
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      this.#pending.set(this.#lastId, { resolve: resolve as (value: unknown) => void, reject });
      worker.ref();
      worker.postMessage({ id: this.#lastId, request } satisfies SearchCall);
    });
  }

  #start(): Worker {
    const worker = new Worker(this.#entry);
    worker.on("message", (reply: SearchReply) => {
      const pending = this.#pending.get(reply.id);
      this.#pending.delete(reply.id);
      // It keeps a process alive only while somebody waits for it.
      if (this.#pending.size === 0) worker.unref();
      if ("fault" in reply) pending?.reject(unavailable(reply.fault));
      else pending?.resolve(reply.value);
    });
    // A thread that fails says so first, and then that it ended: by then another one may be asked.
    const onGone = (why: string): void => void (this.#worker === worker && this.#onGone(why));
    worker.on("error", (error) => onGone(error instanceof Error ? error.message : String(error)));
    worker.on("exit", () => onGone("its thread ended"));
    // Whoever indexes opens it by its reader; whoever looks into what another thread indexes, here.
    if (!this.#isIndexer) {
      const request = { kind: "open", path: this.#path, now: 0, isIndexer: false } as const;
      worker.postMessage({ id: 0, request } satisfies SearchCall);
    }
    worker.unref();
    return worker;
  }

  #onGone(why: string): void {
    this.#worker = null;
    for (const { reject } of this.#pending.values()) reject(unavailable(why));
    this.#pending.clear();
  }
}

function unavailable(why: string): CodedError {
  return new CodedError("unavailable", `The search can't answer now: ${why}.`);
}
