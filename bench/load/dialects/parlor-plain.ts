import type { Dialect } from "./dialect.ts";
import { BENCH_ROOM } from "./parlor.ts";

/** Parlor's plain room. The one message asked for at the start shows that the subscription stands. */
export const PARLOR_PLAIN: Dialect = {
  path: `/rooms/${BENCH_ROOM}?last=1`,
  subprotocol: null,
  framesToJoin: 1,
  join: () => [],
  publish: (text) => text,
  reader: () => readMessages,
};

/** The texts of `{"messages":["…"]}`. */
export function readMessages(frame: string): readonly string[] {
  return (JSON.parse(frame) as { readonly messages: readonly string[] }).messages;
}
