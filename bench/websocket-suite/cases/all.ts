import type { SuiteCase } from "../page/suite-case.ts";
import { AMOUNT_CASES } from "./amounts.ts";
import { CLOSING_CASES } from "./closing.ts";
import { DATA_CASES } from "./data.ts";
import { EVENT_CASES } from "./events.ts";
import { HANDLER_CASES } from "./handlers.ts";
import { PROTOCOL_CASES } from "./protocols.ts";
import { ROOM_CASES } from "./room.ts";
import { SHAPE_CASES } from "./shape.ts";
import { UNLOAD_CASES } from "./unload.ts";
import { URL_CASES } from "./urls.ts";
import { WIRE_CASES } from "./wire.ts";

/**
 * Written from RFC 6455, the WebSocket standard and Web IDL; those of one group stand together, and those that fail
 * connections on purpose at the end: a browser lets later ones wait for it.
 */
export const ALL_CASES: readonly SuiteCase[] = [
  ...SHAPE_CASES,
  ...HANDLER_CASES,
  ...EVENT_CASES,
  ...DATA_CASES,
  ...AMOUNT_CASES,
  ...CLOSING_CASES,
  ...ROOM_CASES,
  ...UNLOAD_CASES,
  ...PROTOCOL_CASES,
  ...WIRE_CASES,
  ...URL_CASES,
];
