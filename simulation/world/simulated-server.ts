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
  StreamPongs,
  Heartbeat,
  KeptReads,
  BodyPlaces,
  PageTurns,
  PresenceRooms,
  PublishGate,
  Rates,
  Readers,
  RequestDesk,
  RecentBudget,
  RoomRegistry,
  silentLogger,
  type EncodedBatch,
  type Services,
} from "@parlor/server/cores";
import { signalsIn } from "./asked-for.ts";
import { type Deletion, JournalLog } from "./journal-log.ts";
import { MortalClock } from "./mortal-clock.ts";
import type { Rights } from "./rights.ts";
import { type FrameBeside, SimulatedConnection } from "./simulated-connection.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";
import type { SimulatedLine } from "./simulated-line.ts";

const HEARTBEAT_MS = 4_000;
/** What all rooms keep of recent batches; small, so that readers must go to the log. */
const RECENT_BYTES = 8_000;
/** Of one read; small, so that who was away needs several. */
const READ_BOUNDS = { maxMessages: 8, maxBytes: 8_000 };
const COALESCE_MS = 25;
/** What the host's answers to it and to those before it may take, and nothing else: it is told at once or never. */
const MAX_SIGNAL_AGE_MS = 400;
/** When whoever heard of an erasure last has: a tail may be broken for so long. */
const ERASED_FOR_MS = 1_000;

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
  readonly #worldClock: Clock;
  readonly #connections = new Map<SimulatedConnection, SimulatedLine>();

  /** When each signal that is on its way came, ms. */
  readonly #signalsAtMs = new Map<string, number>();
  /** When a body was gone, by room, epoch and offset. */
  readonly #erasedAtMs = new Map<string, number>();

  constructor(
    disk: SimulatedDisk,
    clock: Clock,
    random: Random,
    rights: Rights,
    onDeleted: (deletion: Deletion) => void,
  ) {
    this.clock = new MortalClock(clock, random);
    this.#worldClock = clock;
    this.log = JournalLog.open(disk, this.clock, random, onDeleted);
    this.#rights = rights;
    this.#random = random;
    const { log, counters } = this;
    const appends = new AppendsInFlight(log);
    const limits = { ...DEFAULT_LIMITS, maxInFlight: 8 };
    const kept = { clock: this.clock, log, logger: silentLogger, limits };
    const bus = new MemoryBus();
    const atTurnsEnd = (task: () => void): void => void this.clock.after(1, task);
    const rooms = new RoomRegistry({
      log,
      clock: this.clock,
      counters,
      coalesceMs: COALESCE_MS,
      recentBudget: new RecentBudget(RECENT_BYTES),
      readBounds: READ_BOUNDS,
      keptReads: new KeptReads({ minBytes: 0 }),
      atTurnsEnd,
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
      files: null,
      fileSends: new BodyPlaces(() => undefined),
      requests: new RequestDesk({}, 10_000),
      appends,
      pongs: new StreamPongs(bus),
      states: openStateRooms({ ...kept, coalesceMs: COALESCE_MS, volatileState: null }, appends),
      signals: openSignalRooms({ ...kept, bus, signalTick: null, atTurnsEnd }, counters),
      presences: new PresenceRooms({
        bus,
        clock: this.clock,
        counters,
        node: `life ${random()}`,
        atTurnsEnd,
      }),
      signalRates: new SignalRates(limits.signalsPerSecond),
      readers: new Readers({ folder: null, log, clock: this.clock, random, logger: silentLogger }),
      isDraining: false,
    };
    this.#heartbeat = new Heartbeat(HEARTBEAT_MS, this.clock, random);
  }

  get isDraining(): boolean {
    return this.#services.isDraining;
  }

  accept(line: SimulatedLine): void {
    const connection = new SimulatedConnection(line, this.#services, {
      batch: (to, batch) => this.#look(to, batch),
      beside: (to, frame, text) => this.#lookBeside(to, frame, text),
      signal: (text) => {
        for (const id of signalsIn(text)) this.#signalsAtMs.set(id, this.#worldClock.monotonic());
      },
      gone: (gone) => this.#forget(gone),
    });
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

  /** As the host's code does it: first the state, then the room. */
  async deleteRoom(room: string): Promise<void> {
    await this.#services.states.delete(room);
    await this.log.delete(room);
  }

  async erase(room: string, offset: number): Promise<void> {
    const { epoch } = await this.log.head(room);
    if (await this.log.redact(room, offset))
      this.#erasedAtMs.set(`${room} ${epoch} ${offset}`, this.#worldClock.monotonic());
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

  #look({ session, isWritable }: SimulatedConnection, { room, epoch, after, messages }: EncodedBatch): void {
    for (const { offset, bodyJson } of messages) {
      const erasedAtMs = this.#erasedAtMs.get(`${room} ${epoch} ${offset}`) ?? Infinity;
      if (bodyJson !== null && this.#worldClock.monotonic() - erasedAtMs > ERASED_FOR_MS)
        this.trespasses.push(`erased: ${session.identity} was sent what ${offset} of ${room} had said`);
    }
    if (!isWritable) this.trespasses.push(`unbounded: a batch of ${room} for a connection over its mark`);
    if (this.#rights.mayStillHear(session.identity, room, this.clock.runningSinceMs)) return;
    this.trespasses.push(`unauthorised: ${session.identity} was sent what follows ${after} of ${room}`);
  }

  #lookBeside({ session, takesSignals }: SimulatedConnection, frame: FrameBeside, text: string): void {
    const { asked, room, hasAsked } = frame;
    const who = `${session.identity} in ${room}`;
    if (!hasAsked) this.trespasses.push(`unasked: ${who} was told ${asked}`);
    if (!this.#rights.mayStillHear(session.identity, room, this.clock.runningSinceMs))
      this.trespasses.push(`unauthorised: ${who} was told ${asked}`);
    if (asked !== "signals") return;
    if (!takesSignals) this.trespasses.push(`unbounded: signals for ${who}, who is over the mark`);
    for (const id of signalsIn(text)) {
      const cameAtMs = Math.max(this.#signalsAtMs.get(id) ?? -Infinity, this.clock.runningSinceMs);
      const ageMs = this.#worldClock.monotonic() - cameAtMs;
      if (ageMs > MAX_SIGNAL_AGE_MS) this.trespasses.push(`kept: ${who} was told ${id} after ${ageMs} ms`);
    }
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
