import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { OPENED_SUBPROTOCOL, OPENING_PREFIX } from "@parlor/protocol";
import { WebSocketServer, type WebSocket } from "ws";
import type { StartRequest } from "../room/start-position.ts";
import type { Heartbeat } from "../session/heartbeat.ts";
import type { Services } from "../session/services.ts";
import { Session } from "../session/session.ts";
import type { Who } from "../session/session-core.ts";
import { openingOf } from "./early-opening.ts";
import { PlainSession } from "./plain-session.ts";
import { FrameTurns } from "./frame-turns.ts";
import type { SendPressure } from "./send-pressure.ts";
import { SpokenWebSocket } from "./spoken-close.ts";
import { SocketWriter } from "./socket-writer.ts";
import { CLOSE_GRACE_MS, WebSocketConnection } from "./websocket-connection.ts";
import { formOf, PLAIN_FORM, spokenSubprotocol } from "./websocket-form.ts";
import { WebSocketPeer } from "./websocket-peer.ts";

/** What an accepted upgrade becomes. */
export type UpgradePlan =
  | { readonly kind: "websocket"; readonly address: string }
  | {
      readonly kind: "plain";
      readonly address: string;
      readonly room: string;
      readonly start: StartRequest;
      readonly who: Who;
    };

/**
 * All WebSockets of one server. Upgrades come here when every door was passed; from here on a peer is a
 * session like any other.
 *
 * `ws` does the handshake and reads: it is set to hold little for a peer that sends in crumbs, and never
 * to compress (RELIABILITY O3: secrets beside a stranger's text).
 */
export class WebSocketTransport {
  readonly #services: Services;
  readonly #pressure: SendPressure;
  readonly #heartbeat: Heartbeat;
  readonly #server: WebSocketServer;
  readonly #turns = new FrameTurns();
  readonly #peers = new Set<WebSocketPeer>();

  constructor(services: Services, pressure: SendPressure, heartbeat: Heartbeat) {
    this.#services = services;
    this.#pressure = pressure;
    this.#heartbeat = heartbeat;
    const options = {
      WebSocket: SpokenWebSocket,
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: services.limits.maxFrameBytes,
      maxFragments: 64,
      maxBufferedChunks: 1_024,
      // Its peer answers them, many with one.
      autoPong: false,
      closeTimeout: CLOSE_GRACE_MS,
      handleProtocols: (offered: Set<string>) => spokenSubprotocol(offered) ?? false,
    };
    this.#server = new WebSocketServer(options);
  }

  get peers(): ReadonlySet<WebSocketPeer> {
    return this.#peers;
  }

  /** Finishes the handshake of an upgrade that passed every door. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, plan: UpgradePlan): void {
    // Of a list that has it (`h2c, websocket`) the library takes nothing; the list was looked at before.
    request.headers.upgrade = "websocket";
    // What answers an early opening leaves with the answer to the upgrade, in one segment: all that needs no log.
    socket.cork();
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const opening = takeOpening(request, webSocket.protocol);
      const peer = this.#welcome(webSocket, socket as Socket, request, plan);
      for (const text of opening) peer.takeEarly(text, webSocket);
    });
    setImmediate(() => socket.uncork());
  }

  #welcome(webSocket: WebSocket, socket: Socket, request: IncomingMessage, plan: UpgradePlan): WebSocketPeer {
    const { counters, authenticate, events } = this.#services;
    socket.setNoDelay(true);
    const writer = new SocketWriter(socket, this.#pressure, counters);
    const headers = authenticate === null ? null : request.headers;
    const form = plan.kind === "plain" ? PLAIN_FORM : formOf(webSocket.protocol);
    const trace = events.opened(plan.kind, plan.address, request.headers.origin);
    const connection = new WebSocketConnection(
      webSocket,
      writer,
      form,
      plan.address,
      headers,
      trace,
      counters,
    );
    const session =
      plan.kind === "plain"
        ? new PlainSession(connection, this.#services, plan.room, plan.who)
        : new Session(connection, this.#services);
    const peer = new WebSocketPeer(plan.kind, connection, session, counters, this.#turns, this.#onGone);
    this.#peers.add(peer);
    counters.connections[plan.kind] += 1;
    counters.connectionsOpened[plan.kind] += 1;
    peer.attach(webSocket);
    this.#heartbeat.watch(peer);
    if (plan.kind === "plain") trace?.welcomed(plan.who.identity);
    if (plan.kind === "plain" && session instanceof PlainSession) void session.start(plan.start);
    return peer;
  }

  readonly #onGone = (peer: WebSocketPeer): void => {
    if (!this.#peers.delete(peer)) return;
    this.#heartbeat.unwatch(peer);
    this.#services.counters.connections[peer.kind] -= 1;
  };
}

/** The frames that were taken; with the key in them a host's hook should find none there, taken or not. */
function takeOpening({ headers }: IncomingMessage, chosen: string): readonly string[] {
  const offered = headers["sec-websocket-protocol"]?.split(",").map((name) => name.trim()) ?? [];
  if (!offered.some((name) => name.startsWith(OPENING_PREFIX))) return [];
  headers["sec-websocket-protocol"] = offered.filter((name) => !name.startsWith(OPENING_PREFIX)).join(", ");
  return chosen === OPENED_SUBPROTOCOL ? (openingOf(offered) ?? []) : [];
}
