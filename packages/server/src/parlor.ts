import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { randomId } from "@parlor/base";
import type { Contract, NoContract, RoomTypesOf } from "@parlor/contract";
import { ConnectionLimits } from "./connection-limits.ts";
import { Door } from "./door.ts";
import { drainServices, type Departing } from "./drain.ts";
import {
  answerNotFound,
  NOTHING_SERVED,
  type RequestListener,
  takeListeners,
  type UpgradeListener,
  withHost,
} from "./host-listeners.ts";
import { HttpRoutes } from "./http-routes.ts";
import { IdentityHandle } from "./identity-handle.ts";
import { answerClientErrors } from "./client-errors.ts";
import {
  closeListener,
  createListener,
  listen,
  type Listening,
  type ListenOptions,
  type OnTurnedAway,
} from "./listener.ts";
import type { OperatorHandle } from "./operator-handle.ts";
import type { OperatorNodes } from "./operator-nodes.ts";
import { openOperator, operatorDoorOf } from "./operator-of.ts";
import { OperatorPages } from "./operator-pages.ts";
import type { ParlorOptions, ResolvedOptions } from "./options.ts";
import { resolveOptions } from "./resolve-options.ts";
import { Counters } from "./room/counters.ts";
import { EventLog } from "./room/event-log.ts";
import { faultText } from "./room/logger.ts";
import { RecentBudget } from "./room/recent-batches.ts";
import { MAX_PRESENCE_CHARACTERS, MAX_PRESENCE_LEASES, PresenceRooms } from "./room/presence-rooms.ts";
import { RoomRegistry } from "./room/room-registry.ts";
import { openSignalRooms } from "./signal-rooms-of.ts";
import { openStateRooms } from "./state-stores.ts";
import { Readers } from "./reader/readers.ts";
import { roomsNamed } from "./reader/room-choice.ts";
import type { Projection } from "./reader/projection.ts";
import {
  type ReaderEffect,
  type ReaderHandle,
  type ReaderOptions,
  startReader,
  startReaderInto,
} from "./reader-handle.ts";
import { type Recheck, type Rechecked, Rechecks } from "./rechecks.ts";
import { RoomHandle } from "./room-handle.ts";
import { openFilesOf, type OpenFiles } from "./files-of.ts";
import { Heartbeat } from "./session/heartbeat.ts";
import { BodyPlaces } from "./session/body-places.ts";
import { PageTurns } from "./session/page-turns.ts";
import { PublishGate } from "./session/publish-gate.ts";
import { Rates } from "./session/rates.ts";
import { RequestDesk } from "./session/request-desk.ts";
import { SignalRates } from "./session/signal-rates.ts";
import { StreamPongs } from "./session/stream-pongs.ts";
import { AppendsInFlight } from "./session/appends-in-flight.ts";
import type { Services } from "./session/services.ts";
import { RoomFeeds } from "./transport/room-feeds.ts";
import { Exchanges } from "./transport/exchanges.ts";
import { behindAnswers } from "./transport/behind-answers.ts";
import { answerErrorOnSocket } from "./transport/http-answer.ts";
import { SendPressure } from "./transport/send-pressure.ts";
import { UnreadAnswers } from "./transport/unread-answers.ts";
import { WebSocketTransport } from "./transport/websocket-transport.ts";
import { Upgrades } from "./upgrades.ts";
import type { Visit } from "./visit.ts";

/** What all rooms keep of the batches that just went out, together. */
const RECENT_BYTES = 67_108_864;

/** How long peers may take to go after a drain, ms. */
const LEAVE_MS = 1_000;

/**
 * A Parlor: rooms over a log, for any `http.Server`.
 *
 *     const parlor = new Parlor({ log: await SqliteLog.open({ folder: "./data" }) });
 *     parlor.attach(server);                       // or: await parlor.listen({ port: 8080 })
 *     await parlor.room("lobby").publish({ text: "hello" });
 */
export class Parlor<C extends Contract = NoContract> {
  readonly #options: ResolvedOptions;
  readonly #services: Services;
  readonly #heartbeat: Heartbeat;
  readonly #webSockets: WebSocketTransport;
  readonly #feeds: RoomFeeds;
  readonly #exchanges: Exchanges;
  readonly #upgrades: Upgrades;
  readonly #routes: HttpRoutes;
  readonly #pages: OperatorPages;
  readonly #nodes: OperatorNodes;
  readonly #rechecks: Rechecks;
  /** For the operator's page: the key, how all processes are, and their connections. */
  readonly operator: OperatorHandle;
  readonly #files: OpenFiles;
  #listener: Server | null = null;
  #drained: Promise<void> | null = null;

  /** @throws {OptionError} a sentence that names the option. */
  constructor(given: ParlorOptions<C>) {
    const options = resolveOptions(given);
    this.#options = options;
    const { clock, random, log, logger, limits } = options;
    const counters = new Counters();
    const recentBudget = new RecentBudget(RECENT_BYTES, () => void (counters.recentBatchesDropped += 1));
    const roomDeps = {
      log,
      clock,
      counters,
      coalesceMs: options.coalesceMs,
      recentBudget,
      onFault: (fault: unknown) =>
        logger.warn("A room could not read its log; it tries again.", { fault: faultText(fault) }),
    };
    const rooms = new RoomRegistry(roomDeps, log.tellsFirst === true);
    const rates = new Rates({
      publishPerSecond: options.publishPerSecond,
      onEvict: () => void (counters.rateBucketsEvicted += 1),
    });
    const signalRates = new SignalRates(
      limits.signalsPerSecond,
      () => void (counters.rateBucketsEvicted += 1),
    );
    this.#files = openFilesOf(options, counters);
    const { desk } = this.#files;
    const appends = new AppendsInFlight(log, options.erases, desk);
    const states = openStateRooms(options, appends);
    this.#services = {
      log,
      bus: options.bus,
      rooms,
      states,
      signals: openSignalRooms(options, counters),
      presences: new PresenceRooms({ bus: options.bus, clock, counters, node: randomId(12) }),
      signalRates,
      pongs: new StreamPongs(options.bus),
      gate: new PublishGate(rates, counters, limits.maxBodyBytes),
      pages: new PageTurns(rooms.pace),
      bodies: new BodyPlaces(() => void (counters.readingPaused.body += 1)),
      files: desk,
      fileSends: this.#files.sends,
      requests: new RequestDesk(options.requests, options.requestTimeoutMs),
      readers: new Readers({ folder: options.readers, log, clock, random, logger }),
      clock,
      random,
      counters,
      logger,
      events: new EventLog(counters, logger, clock, options.events, options.worker),
      limits,
      heartbeatMs: options.heartbeatMs,
      authenticate: options.authenticate,
      authorize: options.authorize,
      schemas: options.schemas,
      appends,
      isDraining: false,
    };
    const pressure = new SendPressure(options.sendBufferBytes, options.totalSendBufferBytes);
    this.#heartbeat = new Heartbeat(options.heartbeatMs, clock, random);
    this.#webSockets = new WebSocketTransport(this.#services, pressure, this.#heartbeat);
    this.#feeds = new RoomFeeds(this.#services, pressure, this.#heartbeat);
    const door = new Door(options);
    const connections = new ConnectionLimits({ ...options, random });
    // Sends are counted apart, so that an address whose streams are as many as they may be can still speak.
    const sends = new ConnectionLimits({ ...options, random });
    this.#exchanges = new Exchanges(this.#services, pressure, this.#heartbeat, connections, sends);
    this.#upgrades = new Upgrades(door, connections, this.#services, this.#webSockets);
    const operatorDoor = operatorDoorOf(options, this.#services);
    this.#pages = new OperatorPages(
      options,
      this.#services,
      pressure,
      operatorDoor,
      (request) => door.peerOf(request).address,
      [
        { bound: "connections", used: () => connections.total, max: options.maxConnections },
        { bound: "send_buffer_bytes", used: () => pressure.waitingBytes, max: pressure.totalBytes },
        { bound: "recent_bytes", used: () => recentBudget.usedBytes, max: recentBudget.maxBytes },
        {
          bound: "rate_buckets",
          used: () => rates.size + signalRates.size + operatorDoor.size,
          max: rates.maxSize + signalRates.maxSize + operatorDoor.maxSize,
        },
        {
          bound: "presence_leases",
          used: () => this.#services.presences.leases,
          max: MAX_PRESENCE_LEASES,
        },
        {
          bound: "presence_characters",
          used: () => this.#services.presences.characters,
          max: MAX_PRESENCE_CHARACTERS,
        },
        ...this.#files.bounds,
        { bound: "requests", used: () => this.#services.requests.running, max: this.#services.requests.max },
      ],
    );
    const { handle, nodes } = openOperator(
      options,
      this.#services,
      operatorDoor,
      { webSockets: this.#webSockets, feeds: this.#feeds, exchanges: this.#exchanges },
      this.#pages,
    );
    this.operator = handle;
    this.#nodes = nodes;
    this.#rechecks = new Rechecks(options.bus, () => this.#subscribers());
    this.#routes = new HttpRoutes(
      door,
      connections,
      this.#services,
      this.#feeds,
      this.#exchanges,
      new UnreadAnswers(counters, pressure, this.#heartbeat),
      this.#pages,
      options.origins,
    );
  }

  /**
   * Serves Parlor's addresses on a server that may have others: requests and upgrades for addresses that
   * are not Parlor's go to the handlers that the server had before. Attach last: a handler that is added
   * afterwards is called for Parlor's addresses, too.
   */
  attach(server: Server): void {
    const requests = takeListeners<RequestListener>(server, "request");
    const upgrades = takeListeners<UpgradeListener>(server, "upgrade");
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      if (this.handle(request, response)) return;
      for (const other of requests) other.call(server, request, response);
      if (requests.length === 0) answerNotFound(response);
    });
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (this.handleUpgrade(request, socket, head)) return;
      for (const other of upgrades) other.call(server, request, socket, head);
      // A listener that was added later may serve it; where there is none, nobody else would ever answer.
      if (upgrades.length > 0 || server.listenerCount("upgrade") > 1) return;
      behindAnswers(socket, () => answerErrorOnSocket(socket, NOTHING_SERVED, this.#options.clock));
    });
  }

  /** Answers a request, for hosts that route themselves; false where its address is not Parlor's. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    return this.#routes.handle(request, response);
  }

  /**
   * Lets `page` answer a request for an address of the host's own by way of a `Visit`, which reads and
   * writes rooms for the person in front of it, as strangers may. Where `page` rejects, the visitor is
   * answered 500 in words and the logger told. Of one connection 4 requests are answered at a time.
   */
  visit(request: IncomingMessage, response: ServerResponse, page: (visit: Visit) => Promise<void>): void {
    this.#routes.visit(request, response, page);
  }

  /** Takes an upgrade, for hosts that route themselves; false where its address is not Parlor's. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    return this.#upgrades.handle(request, socket, head);
  }

  /**
   * Listens with a server of its own, limited as befits the open internet.
   * @throws {CodedError} with the system's code and a sentence: the port is taken, not allowed, …
   */
  async listen(options: ListenOptions = {}): Promise<Listening> {
    const onTurnedAway: OnTurnedAway = (reason, code, address) =>
      this.#services.events.turnedAway(reason, code, address.replace(/^::ffff:/i, ""), undefined);
    const server = createListener(this.#options, onTurnedAway);
    if (options.fallback !== undefined) server.on("request", withHost(options.fallback));
    this.attach(server);
    answerClientErrors(server, onTurnedAway);
    const { address, port, family } = await listen(server, options);
    this.#listener = server;
    const host = family === "IPv6" ? `[${address}]` : address;
    return { url: `http://${host}:${port}${this.#options.basePath}`, port };
  }

  /**
   * A room, for the server's own code.
   * @throws {CodedError} `bad-room`
   */
  room<const Name extends string>(name: Name): RoomHandle<RoomTypesOf<C, Name>> {
    return new RoomHandle(name, this.#services);
  }

  /**
   * One identity, for the server's own code to push something to: `from` of its messages, what
   * `authenticate` called it, or `client.identity` in its page. It need not be connected.
   *
   *     await parlor.identity("ada").push({ invited: "book-club" });
   *
   * @throws {CodedError} `bad-room`: nobody can be called that, or it is over 127 bytes or not in NFC, so
   *   that no room can be named after it.
   */
  identity(identity: string): IdentityHandle<RoomTypesOf<C, `@${string}`>> {
    return new IdentityHandle(identity, this.#services);
  }

  /**
   * Reads rooms under a name: a cursor that this server keeps, in one transaction with what `effect` makes of each
   * message. It begins at once, goes on after a restart where it was, and over many rooms keeps the order of each.
   * Where several processes serve one log, start a reader in one of them; of two, each message has its effect once.
   *
   *     parlor.reader("mentions", { rooms: "team-*", from: "now" }, async (message, { room, key }) => { … });
   *
   * @param name 1 to 64 lower-case letters, digits and hyphens; names the reader's file and its metrics.
   * @throws {CodedError} `bad-reader`: the name or rooms can't be that, there is one already, or the option
   *   `readers` does not say where readers keep their place.
   */
  reader<Body = unknown>(name: string, options: ReaderOptions, effect: ReaderEffect<Body>): ReaderHandle {
    return startReader(this.#services, name, roomsNamed(options.rooms ?? "*"), options, effect);
  }

  /**
   * As `reader`, into a projection of the host's own making, such as one on a thread of its own.
   * @throws {CodedError} `bad-reader`
   */
  project(
    name: string,
    options: Pick<ReaderOptions, "rooms" | "from">,
    projection: Projection,
  ): ReaderHandle {
    return startReaderInto(this.#services, name, options, projection);
  }

  /**
   * Asks `authorize` again for what is subscribed to: call it when a right was withdrawn. Subscriptions
   * that it refuses end with `unsubscribed`. Without `identity` everybody is asked for, without `room` all rooms.
   *
   * @param which.everywhere  Has the other processes that serve the log do so, too, such as at a logout: soon, and
   *   one that can't be reached just then is not told. @default false: whoever hears of it in each process calls it there
   */
  recheck({ everywhere = false, ...which }: Recheck & { readonly everywhere?: boolean } = {}): void {
    if (everywhere) this.#rechecks.everywhere(which);
    else this.#rechecks.here(which);
  }

  *#subscribers(): Generator<Rechecked> {
    for (const { session } of this.#webSockets.peers) yield session;
    yield* this.#feeds.all;
    yield* this.#exchanges.all;
  }

  /** Names of the rooms that somebody who is connected to this process has subscribed to now. */
  openRooms(): string[] {
    return [...this.#services.rooms.open()].map(({ name }) => name);
  }

  /**
   * Stops without losing a publish: `readyz` turns 503, nothing new is taken, what was accepted is stored
   * and acked, everybody is told when to come back. Fulfils when all are gone, within 10 s. The log stays
   * open, since it belongs to who opened it. Twice is the same as once.
   */
  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  async #drain(): Promise<void> {
    await drainServices(this.#services, () => this.#departing(), this.#options.random);
    await this.#stop(new Promise((resolve) => this.#options.clock.after(LEAVE_MS, resolve)));
  }

  /** Stops at once. What the log has accepted is still stored; who waits for an answer asks again. */
  async close(): Promise<void> {
    this.#services.isDraining = true;
    await this.#stop(Promise.resolve());
  }

  async #stop(whenToCut: Promise<void>): Promise<void> {
    const listener = this.#listener;
    this.#listener = null;
    if (listener !== null) await closeListener(listener, whenToCut);
    else await whenToCut;
    for (const peer of this.#webSockets.peers) peer.connection.cut();
    for (const feed of this.#feeds.all) feed.giveUp();
    for (const exchange of this.#exchanges.all) exchange.cut();
    this.#heartbeat.close();
    this.#nodes.close();
    this.#rechecks.close();
    this.#pages.close();
    await this.#services.readers.close();
    this.#files.close();
    this.#services.rooms.close();
    this.#services.states.close();
    this.#services.signals.close();
    this.#services.presences.close();
  }

  *#departing(): Generator<Departing> {
    yield* this.#webSockets.peers;
    yield* this.#feeds.all;
    yield* this.#exchanges.waiting();
  }
}
