import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { CodedError } from "@parlor/base";
import type { Ledger, LedgerCalls } from "./ledger.ts";
import type { LedgerAnswer, LedgerCall } from "./ledger-worker.ts";
import { storageFault } from "./storage-fault.ts";

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Calls that may wait for the thread; a call beyond them is refused. */
const MAX_WAITING = 10_000;

/**
 * The ledger of files: which uploads are under way and how far, which file is in which room, which message holds
 * it, and how much that is. One SQLite file that several processes may have open; what a call says is on the
 * disk when its promise fulfils. Calls reject with a `CodedError` `unavailable` where the disk can't serve.
 */
export class FileLedger implements Ledger {
  readonly calls: LedgerCalls;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #death: Error | null = null;
  #end: Promise<void> | null = null;

  private constructor() {
    this.#worker = new Worker(new URL("./ledger-worker.ts", import.meta.url));
    this.#worker.on("message", (answer: LedgerAnswer) => this.#settle(answer));
    this.#worker.on("error", (error: unknown) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("its thread ended")));
    // It keeps a process alive only while somebody waits for it.
    this.#worker.unref();
    this.calls = new Proxy({} as LedgerCalls, {
      get:
        (_, method) =>
        (...args: unknown[]) =>
          this.#call(String(method), args),
    });
  }

  /**
   * @param isCopy  Whether what it holds can be made again from elsewhere: then nothing of it is synced.
   * @throws {CodedError} `unavailable`, where the file can't be opened.
   */
  static async open(file: string, isCopy = false): Promise<FileLedger> {
    const ledger = new FileLedger();
    await ledger.#call("open", [file, isCopy]);
    return ledger;
  }

  /** Waits for what was asked; twice is the same as once. */
  close(): Promise<void> {
    this.#end ??= this.#close();
    return this.#end;
  }

  async #close(): Promise<void> {
    const gone = once(this.#worker, "exit");
    await this.#call("close", []);
    await gone;
  }

  #call(method: string, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size >= MAX_WAITING) {
        reject(new CodedError("unavailable", "Too much waits for the disk of files; try again."));
        return;
      }
      if (this.#death !== null) {
        reject(ledgerFault(this.#death));
        return;
      }
      this.#lastId += 1;
      this.#worker.ref();
      this.#waiting.set(this.#lastId, { resolve, reject });
      const call: LedgerCall = { id: this.#lastId, method, args };
      this.#worker.postMessage(call);
    });
  }

  #settle(answer: LedgerAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    // Its end is waited for, too.
    if (this.#waiting.size === 0 && this.#end === null) this.#worker.unref();
    if ("value" in answer) waiting?.resolve(answer.value);
    else waiting?.reject(ledgerFault(answer.fault));
  }

  #fail(error: unknown): void {
    this.#death ??= error instanceof Error ? error : new Error(String(error));
    for (const waiting of this.#waiting.values()) waiting.reject(ledgerFault(this.#death));
    this.#waiting.clear();
  }
}

/** SQLite's own sentence is the operator's; it stands in the cause. */
function ledgerFault({
  message,
  errcode,
}: {
  readonly message: string;
  readonly errcode?: unknown;
}): unknown {
  const cause = new Error(`The ledger of files failed: ${message}`);
  return storageFault(Object.assign(cause, { code: "ERR_SQLITE_ERROR", errcode }));
}
