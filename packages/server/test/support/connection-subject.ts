import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { MemoryBus, MemoryLog } from "@parlor/log";
import { TcpProxy, type ConnectionSubject } from "@parlor/testkit";
import { ConnectionLimits } from "../../src/connection-limits.ts";
import { resolveOptions } from "../../src/resolve-options.ts";
import { openSignalRooms } from "../../src/signal-rooms-of.ts";
import { openStateRooms } from "../../src/state-stores.ts";
import { Counters } from "../../src/room/counters.ts";
import { EventLog } from "../../src/room/event-log.ts";
import { EncodedBatch } from "../../src/room/encoded-batch.ts";
import { PresenceRooms } from "../../src/room/presence-rooms.ts";
import { Readers } from "../../src/reader/readers.ts";
import { RecentBudget } from "../../src/room/recent-batches.ts";
import { RoomRegistry } from "../../src/room/room-registry.ts";
import type { Connection } from "../../src/session/connection.ts";
import { Heartbeat } from "../../src/session/heartbeat.ts";
import { PublishGate } from "../../src/session/publish-gate.ts";
import { BodyPlaces } from "../../src/session/body-places.ts";
import { PageTurns } from "../../src/session/page-turns.ts";
import { RequestDesk } from "../../src/session/request-desk.ts";
import { Rates } from "../../src/session/rates.ts";
import { SignalRates } from "../../src/session/signal-rates.ts";
import { StreamPongs } from "../../src/session/stream-pongs.ts";
import { AppendsInFlight } from "../../src/session/appends-in-flight.ts";
import type { Services } from "../../src/session/services.ts";
import { Exchanges } from "../../src/transport/exchanges.ts";
import { SendPressure } from "../../src/transport/send-pressure.ts";
import { WebSocketTransport } from "../../src/transport/websocket-transport.ts";
import { helloFrame, NDJSON } from "./exchange.ts";
import { TextSocket } from "./peer.ts";

const MARK_BYTES = 65_536;
const ADDRESS = "127.0.0.1";

/** The transports of a server without the rest of it, so that a test has their connections in its hands. */
class Transports {
  readonly webSockets: WebSocketTransport;
  readonly exchanges: Exchanges;
  readonly network: TcpProxy;
  readonly #heartbeat: Heartbeat;

  private constructor(services: Services, heartbeat: Heartbeat, network: TcpProxy) {
    const pressure = new SendPressure(MARK_BYTES, Infinity);
    const { random } = services;
    const limits = new ConnectionLimits({ connectionsPerAddress: Infinity, maxConnections: 100, random });
    this.#heartbeat = heartbeat;
    this.network = network;
    this.webSockets = new WebSocketTransport(services, pressure, heartbeat);
    this.exchanges = new Exchanges(services, pressure, heartbeat, limits, limits);
  }

  static async listen(t: TestContext): Promise<Transports> {
    const options = resolveOptions({ log: new MemoryLog() });
    const { log, clock, random, logger, limits, heartbeatMs, coalesceMs } = options;
    const counters = new Counters();
    const recentBudget = new RecentBudget(0);
    const onFault = (): void => undefined;
    const appends = new AppendsInFlight(log);
    const rooms = new RoomRegistry({ log, clock, counters, coalesceMs, recentBudget, onFault });
    const services: Services = {
      log,
      bus: new MemoryBus(),
      rooms,
      gate: new PublishGate(new Rates({ publishPerSecond: Infinity }), counters, limits.maxBodyBytes),
      ...{ clock, random, counters, logger, limits, heartbeatMs },
      events: new EventLog(counters, logger, clock, false),
      authenticate: null,
      authorize: null,
      schemas: null,
      pages: new PageTurns(rooms.pace),
      bodies: new BodyPlaces(() => undefined),
      files: null,
      fileSends: new BodyPlaces(() => undefined),
      requests: new RequestDesk({}, 10_000),
      appends,
      pongs: new StreamPongs(options.bus),
      states: openStateRooms(options, appends),
      signals: openSignalRooms(options, counters),
      presences: new PresenceRooms({ bus: options.bus, clock, counters, node: "the-server" }),
      signalRates: new SignalRates(limits.signalsPerSecond),
      readers: new Readers({ folder: null, log, clock, random, logger }),
      isDraining: false,
    };
    const server = createServer();
    server.listen(0, ADDRESS);
    await once(server, "listening");
    const heartbeat = new Heartbeat(heartbeatMs, clock, random);
    const network = await TcpProxy.listen((server.address() as AddressInfo).port);
    const transports = new Transports(services, heartbeat, network);
    server.on("upgrade", (request, socket, head) =>
      transports.webSockets.accept(request, socket, head, { kind: "websocket", address: ADDRESS }),
    );
    server.on("request", (request, response) => {
      const url = new URL(request.url ?? "", "http://a");
      const kind = url.pathname === "/poll" ? "poll" : "stream";
      void transports.exchanges.open(kind, { request, response, query: url.searchParams, address: ADDRESS });
    });
    t.after(async () => {
      transports.#heartbeat.close();
      await network[Symbol.asyncDispose]();
      server.closeAllConnections();
      server.close();
      services.rooms.close();
      await log.close();
    });
    return transports;
  }

  /** The connection that is open, once its hello was taken; fulfils with null once there is none. */
  async connection(isOpen: boolean): Promise<Connection | null> {
    for (;;) {
      const [peer] = this.webSockets.peers;
      const [exchange] = this.exchanges.all;
      const isThere = (peer?.session.identity ?? exchange?.identity ?? null) !== null;
      if (isOpen && isThere) return peer?.connection ?? exchange ?? null;
      if (!isOpen && peer === undefined && exchange === undefined) return null;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** What a peer was told, for the suite. */
class Told implements Pick<ConnectionSubject, "frames" | "end" | "onChange"> {
  readonly frames: Record<string, unknown>[] = [];
  end: ConnectionSubject["end"] = null;
  onChange = (): void => undefined;

  take(text: string): void {
    const frame = JSON.parse(text) as Record<string, unknown>;
    if (frame["type"] !== "welcome") this.frames.push(frame);
    this.onChange();
  }

  over(code: number | null, reason: string): void {
    this.end ??= { code, reason };
    this.onChange();
  }
}

/** A connection of that kind and its peer, for the contract of connections. */
export async function connectionSubject(
  t: TestContext,
  kind: "websocket" | "stream" | "poll",
): Promise<ConnectionSubject> {
  const transports = await Transports.listen(t);
  const { network } = transports;
  const told = new Told();
  const ping = kind === "websocket" ? await openWebSocket(t, network.port, told) : null;
  if (kind !== "websocket") void readAnswer(t, `http://${ADDRESS}:${network.port}/${kind}?wait=25`, told);
  const connection = (await transports.connection(true)) as Connection;
  return Object.assign(told, {
    connection,
    deliver: (after: number, bodies: readonly string[]) => connection.deliver(batchOf(after, bodies)),
    takeNothing: () => network.pause("to-client"),
    takeAgain: () => network.resume("to-client"),
    ping,
    async cut() {
      network.cutAll();
      await transports.connection(false);
    },
  });
}

async function openWebSocket(t: TestContext, port: number, told: Told): Promise<() => void> {
  const { webSocket } = await TextSocket.open(t, `ws://${ADDRESS}:${port}/`, ["parlor.v1"]);
  webSocket.on("message", (data: Buffer) => told.take(data.toString()));
  webSocket.on("close", (code, reason) => told.over(code, reason.toString()));
  webSocket.send(JSON.stringify(helloFrame()));
  return () => webSocket.send('{"type":"ping"}');
}

/** Reads an answer of frames as it comes: lines, or events of one line. */
async function readAnswer(t: TestContext, url: string, told: Told): Promise<void> {
  const abort = new AbortController();
  t.after(() => abort.abort());
  const body = JSON.stringify(helloFrame());
  try {
    const answer = await fetch(url, { method: "POST", headers: NDJSON, body, signal: abort.signal });
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of answer.body ?? []) {
      const lines = (text + decoder.decode(chunk as Uint8Array, { stream: true })).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const json = line.replace(/^data: /, "");
        if (json.startsWith("{")) told.take(json);
      }
    }
  } catch {
    // It was cut: an end like another one, and a test that expects frames waits for them in vain.
  }
  told.over(null, "");
}

function batchOf(after: number, bodies: readonly string[]): EncodedBatch {
  const messages = bodies.map((body, i) => ({
    offset: after + i + 1,
    from: "someone",
    producer: "producer-x",
    seq: after + i + 1,
    at: 0,
    bodyJson: JSON.stringify(body),
  }));
  return new EncodedBatch("a", "e", after, messages as never);
}
