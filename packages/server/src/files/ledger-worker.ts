import { parentPort } from "node:worker_threads";
import { LedgerStore } from "./ledger-store.ts";

/** One call of a method of the store; `open` and `close` are its constructor and its end. */
export interface LedgerCall {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

export type LedgerAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly fault: { readonly message: string; readonly errcode: unknown } };

/** Entry of the thread in which the ledger's file is written, so that syncs hold up no connection. */
if (parentPort === null) throw new Error("this file is the entry of a worker thread");
const port = parentPort;
let store: LedgerStore | null = null;

function call({ method, args }: LedgerCall): unknown {
  if (method === "open") {
    store = new LedgerStore(String(args[0]), args[1] === true);
    return undefined;
  }
  const methods = store as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
  return methods[method]?.(...args);
}

port.on("message", (asked: LedgerCall) => {
  let answer: LedgerAnswer;
  try {
    answer = { id: asked.id, value: call(asked) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    answer = { id: asked.id, fault: { message, errcode: (error as { errcode?: unknown }).errcode } };
  }
  port.postMessage(answer);
  if (asked.method === "close") port.close();
});
