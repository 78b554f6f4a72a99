import { randomId } from "@parlor/base";
import { ConnectionReadings, type ReadableConnection } from "./connection-readings.ts";
import { OperatorDoor } from "./operator-door.ts";
import { OperatorHandle } from "./operator-handle.ts";
import { OperatorNodes } from "./operator-nodes.ts";
import type { OperatorPages } from "./operator-pages.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Services } from "./session/services.ts";
import type { Exchanges } from "./transport/exchanges.ts";
import type { RoomFeeds } from "./transport/room-feeds.ts";
import type { WebSocketTransport } from "./transport/websocket-transport.ts";

export function operatorDoorOf({ operatorKey }: ResolvedOptions, services: Services): OperatorDoor {
  const { clock, counters, events } = services;
  return new OperatorDoor({ operatorKey, clock, counters, events });
}

export interface ConnectionsByTransport {
  readonly webSockets: WebSocketTransport;
  readonly feeds: RoomFeeds;
  readonly exchanges: Exchanges;
}

/** What the operator is shown of one server, and how its processes tell each other. */
export function openOperator(
  { bus }: ResolvedOptions,
  { clock }: Services,
  door: OperatorDoor,
  transports: ConnectionsByTransport,
  pages: OperatorPages,
): { readonly handle: OperatorHandle; readonly nodes: OperatorNodes } {
  const connections = new ConnectionReadings(() => allConnections(transports));
  const nodes = new OperatorNodes({
    node: randomId(12),
    bus,
    clock,
    snapshot: () => pages.snapshot(),
    connections,
  });
  return { handle: new OperatorHandle({ door, nodes, connections, metrics: pages.metrics }), nodes };
}

function* allConnections({
  webSockets,
  feeds,
  exchanges,
}: ConnectionsByTransport): Generator<ReadableConnection> {
  for (const { kind: transport, connection, session } of webSockets.peers) {
    const { address, waitingBytes, isWritable } = connection;
    const cut = (): void => connection.cut();
    yield { transport, address, identity: session.identity, waitingBytes, isWritable, self: connection, cut };
  }
  for (const feed of feeds.all) yield readable("feed", feed);
  for (const exchange of exchanges.all) yield readable(exchange.kind, exchange);
}

function readable(
  transport: ReadableConnection["transport"],
  of: Omit<ReadableConnection, "transport" | "self">,
): ReadableConnection {
  const { address, identity, waitingBytes, isWritable } = of;
  return { transport, address, identity, waitingBytes, isWritable, self: of, cut: () => of.cut() };
}
