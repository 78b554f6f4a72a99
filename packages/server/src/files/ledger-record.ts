import { isBlobHash } from "@parlor/log";
import type { LedgerCalls } from "./ledger.ts";

/** What changes a ledger, by the names of the store's methods. */
const CHANGES = [
  "begin",
  "take",
  "finish",
  "cancel",
  "use",
  "release",
  "forget",
  "dropRoom",
  "undoom",
  "doomUnknown",
  "passSecret",
  "adopt",
] as const satisfies readonly (keyof LedgerCalls)[];

export type LedgerChange = (typeof CHANGES)[number];

/** One record of a ledger that is kept in a log. */
export type LedgerRecord =
  | {
      readonly kind: "change";
      /** By which whoever proposed it knows it again. */
      readonly id: string;
      readonly method: LedgerChange;
      readonly args: readonly unknown[];
    }
  /** All that the records up to an offset come to is a SQLite file among the blobs. */
  | { readonly kind: "snapshot"; readonly through: number; readonly blob: string };

export function isLedgerChange(method: string): method is LedgerChange {
  return (CHANGES as readonly string[]).includes(method);
}

/** JSON text. A limit that is off is the largest number: JSON has no infinity. */
export function encodeLedgerRecord(record: LedgerRecord): string {
  return JSON.stringify(record, (_, value: unknown) => (value === Infinity ? Number.MAX_VALUE : value));
}

/** Null for what is none, which every reader passes over alike. */
export function decodeLedgerRecord(json: string | null): LedgerRecord | null {
  const record = JSON.parse(json ?? "null") as Partial<Record<string, unknown>> | null;
  if (record === null || typeof record !== "object") return null;
  const { kind, id, method, args, through, blob } = record;
  if (kind === "snapshot" && Number.isSafeInteger(through) && isBlobHash(blob))
    return { kind, through: through as number, blob };
  if (kind !== "change" || typeof id !== "string" || typeof method !== "string") return null;
  return isLedgerChange(method) && Array.isArray(args) ? { kind, id, method, args } : null;
}
