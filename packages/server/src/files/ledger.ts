import type { LedgerStore } from "./ledger-store.ts";

type Methods = Omit<LedgerStore, "close">;

/** The store's methods, each with a promise of what it returns. */
export type LedgerCalls = {
  readonly [Name in keyof Methods]: (
    ...args: Parameters<Methods[Name]>
  ) => Promise<ReturnType<Methods[Name]>>;
};

/**
 * The ledger of files, wherever it is kept: each call is one transaction among those of all processes that share it,
 * and lasts when its promise fulfils. Calls reject with a `CodedError` `unavailable` where it can't be reached now;
 * one that changes something may have done it all the same.
 */
export interface Ledger {
  readonly calls: LedgerCalls;
  /** Twice is the same as once. */
  close(): Promise<void>;
}
