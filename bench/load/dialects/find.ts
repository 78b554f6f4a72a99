import type { Dialect, DialectName } from "./dialect.ts";
import { BATCHED_WS, PLAIN_WS, SOCKET_IO } from "./others.ts";
import { PARLOR_PLAIN } from "./parlor-plain.ts";
import { PARLOR } from "./parlor.ts";

const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  parlor: PARLOR,
  "parlor-plain": PARLOR_PLAIN,
  ws: PLAIN_WS,
  "batched-ws": BATCHED_WS,
  "socket.io": SOCKET_IO,
};

export function findDialect(name: DialectName): Dialect {
  return DIALECTS[name];
}
