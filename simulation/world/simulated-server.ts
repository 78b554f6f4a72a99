import { MemoryBus } from "@parlor/log";
import type { Clock, Random } from "@parlor/base";
import { DEFAULT_LIMITS } from "@parlor/protocol";
import {
  AppendsInFlight,
  Counters,
  drainServices,
  EventLog,
  openSignalRooms,
  openStateRooms,
  SignalRates,
  Heartbeat,
  BodyPlaces,
  PageTurns,
  PresenceRooms,
  PublishGate,
  Rates,
  RequestDesk,
  RecentBudget,
  RoomRegistry,
  silentLogger,
  type EncodedBatch,
  type Services,
} from "@parlor/server/cores";
import { JournalLog } from "./journal-log.ts";
import { MortalClock } from "./mortal-clock.ts";
import type { Rights } from "./rights.ts";
import { SimulatedConnection } from "./simulated-connection.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";
import type { SimulatedLine } from "./simulated-line.ts";

const HEARTBEAT_MS = 4_000;
/** What all rooms keep of recent batches; small, so that readers must go to the log. */
const RECENT_BYTES = 8_000;
const COALESCE_MS = 25;

/** One life of a server process: the product's rooms, sessions and heartbeat over the simulated log. */
export class SimulatedServer {
  readonly log: JournalLog;
  readonly counters = new Counters();
  readonly clock: MortalClock;
  /** What was handed to somebody who had no right to it, or no room for it. */
  readonly trespasses: string[] = [];
  /** The most that ever waited unsent on one connection, bytes. */
  peakUnsentBytes = 0;
  readonly #rights: Rights;
  readonly #services: Services;
  readonly #heartbeat: Heartbeat;
  readonly #random: Random;
  readonly #connections = new Map<SimulatedConnection, SimulatedLine>();

  constructor(disk: SimulatedDisk, clock: Clock, random: Random, rights: Rights) {
    this.clock = new MortalClock(clock, random);
    this.log = JournalLog.open(disk, this.clock, random);
    this.#rights = rights;
    this.#random = random;
    const { log, counters } = this;
    const appends = new AppendsInFlight(log);
    const limits = { ...DEFAULT_LIMITS, maxInFlight: 8 };
    const kept = { clock: this.clock, log, logger: silentLogger, limits };
    const bus = new MemoryBus();
    const rooms = new RoomRegistry({
      log,
      clock: this.clock,
      counters,
      coalesceMs: COALESCE_MS,
      recentBudget: new RecentBudget(RECENT_BYTES),
      onFault() {},
    });
    this.#services = {
      log,
      bus,
      rooms,
      gate: new PublishGate(new Rates({ publishPerSecond: 20 }), counters, DEFAULT_LIMITS.maxBodyBytes),
      clock: this.clock,
      random,
      counters,
      logger: silentLogger,
      events: new EventLog(counters, silentLogger, this.clock, false),
      limits,
      heartbeatMs: HEARTBEAT_MS,
      authenticate: null,
      schemas: null,
      authorize: rights.authorize(this.clock, random),
      pages: new PageTurns(rooms.pace),
      bodies: new BodyPlaces(() => undefined),
      requests: new RequestDesk({}, 10_000),
      appends,
      states: openStateRooms({ ...kept, coalesceMs: COALESCE_MS, volatileState: null }, appends),
      signals: openSignalRooms({ ...kept, bus, signalTick: null }, counters),
      presences: new PresenceRooms({ bus, clock: this.clock, counters, node: "the-server" }),
      signalRates: new SignalRates(limits.signalsPerSecond),
      isDraining: false,
    };
    this.#heartbeat = new Heartbeat(HEARTBEAT_MS, this.clock, random);
  }

  get isDraining(): boolean {
    return this.#services.isDraining;
  }

  accept(line: SimulatedLine): void {
    const connection = new SimulatedConnection(
      line,
      this.#services,
      (to, batch) => this.#look(to, batch),
      (gone) => this.#forget(gone),
    );
    this.#connections.set(connection, line);
    this.#heartbeat.watch(connection);
    line.accept({
      text: (text) => this.clock.run(() => connection.text(text)),
      closed: () => this.clock.run(() => connection.closed()),
      drained: () => this.clock.run(() => connection.drained()),
    });
  }

  /** Rights changed: what is subscribed to is asked about again. */
  recheck(): void {
    for (const { session } of this.#connections.keys()) session.recheck();
  }

  /** Fulfils when everybody was sent away and the log is closed. */
  async drain(): Promise<void> {
    await drainServices(this.#services, () => [...this.#connections.keys()], this.#random);
    await this.log.close();
  }

  /** The process is gone, in the middle of whatever it did. */
  kill(): void {
    this.clock.kill();
    for (const [connection, line] of this.#connections) {
      this.#weigh(connection);
      line.cut();
    }
    this.#connections.clear();
  }

  #look({ session, isWritable }: SimulatedConnection, { room, after }: EncodedBatch): void {
    if (!isWritable) this.trespasses.push(`unbounded: a batch of ${room} for a connection over its mark`);
    if (this.#rights.mayStillHear(session.identity, room, this.clock.runningSinceMs)) return;
    this.trespasses.push(`unauthorised: ${session.identity} was sent what follows ${after} of ${room}`);
  }

  #forget(connection: SimulatedConnection): void {
    this.#weigh(connection);
    this.#heartbeat.unwatch(connection);
    this.#connections.delete(connection);
  }

  #weigh({ peakUnsentBytes }: SimulatedConnection): void {
    this.peakUnsentBytes = Math.max(this.peakUnsentBytes, peakUnsentBytes);
  }
}
