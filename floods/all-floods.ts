import { abandoned } from "./attack/kinds/abandoned.ts";
import { connections, connectionsFromEverywhere } from "./attack/kinds/connections.ts";
import { history } from "./attack/kinds/history.ts";
import { publishes } from "./attack/kinds/publishes.ts";
import { presence } from "./attack/kinds/presence.ts";
import { producers, rooms } from "./attack/kinds/requests.ts";
import { signals } from "./attack/kinds/signals.ts";
import { fragments, halfFrames, halfHeads, noHello, slowBodies } from "./attack/kinds/slow.ts";
import { subscriptions } from "./attack/kinds/subscriptions.ts";
import { neverReading, pings, unreadPages } from "./attack/kinds/unread.ts";
import type { Flood } from "./flood.ts";

/** Every flood, in the order in which they run. */
export const ALL_FLOODS: readonly Flood[] = [
  connections,
  connectionsFromEverywhere,
  subscriptions,
  publishes,
  producers,
  rooms,
  signals,
  presence,
  history,
  halfHeads,
  noHello,
  halfFrames,
  neverReading,
  unreadPages,
  slowBodies,
  fragments,
  pings,
  abandoned,
];
