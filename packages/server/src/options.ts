import { type Clock, type Random, systemClock, systemRandom } from "@parlor/base";
import type { Contract, NoContract } from "@parlor/contract";
import type { RoomLog, SignalBus } from "@parlor/log";
import { DEFAULT_LIMITS, type Limits } from "@parlor/protocol";
import type { Files } from "./files/files.ts";
import type { SignalTick } from "./room/signal-room.ts";
import type { Authenticate, Authorize } from "./session/hooks.ts";
import type { RequestHandlers, RequestHandlersOf } from "./session/request-handlers.ts";
import type { Schemas } from "./session/schemas.ts";
import { type Logger, stderrLogger } from "./room/logger.ts";

/** What an acknowledged message survives. */
export interface LogPromise {
  /** Whether that is a power cut of all machines at once. */
  readonly isDurable: boolean;
  /** For people: what is promised, and what can be lost. */
  readonly words: string;
}

/** How a Parlor behaves. Only `log` must be given; an `undefined` never replaces a default. */
export interface ParlorOptions<C extends Contract = NoContract> {
  /** Where rooms are kept. The Parlor uses it and does not close it: who opened it does. */
  readonly log: RoomLog;

  /**
   * Where files of messages are kept; several Parlors that serve the same rooms share the folder.
   * @default none: uploads are refused, and files that bodies name are nobody's matter
   */
  readonly files?: Files | undefined;

  /**
   * How several Parlors that serve the same rooms tell each other what is not stored: signals and presence.
   * Whoever opened it closes it. Of a `RemoteLog` it is its `bus`.
   * @default none: this Parlor is the only one
   */
  readonly bus?: SignalBus | undefined;

  /**
   * What is promised of acknowledged messages where that depends on how others are configured, as on a cluster;
   * `/readyz` says it.
   * @default none: `/readyz` says nothing of it
   */
  readonly promise?: LogPromise | undefined;

  /**
   * The path below which all addresses lie. Requests for other paths are left to the host's handlers.
   * @default "/"
   */
  readonly basePath?: string | undefined;

  /**
   * Origins whose pages may connect besides the server's own, exactly as a browser writes them
   * (`https://example.org`, a port only where it is not the scheme's own). Naming the server's own name
   * here also makes it *own*: only IP addresses and `localhost` are own unasked. Pages from anywhere else
   * are answered 403 in words. There are no wildcards and there is no way to turn this off.
   * @default none
   */
  readonly origins?: readonly string[] | undefined;

  /**
   * Addresses or CIDR ranges of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
   * From anybody else those headers count for nothing.
   * @default none
   */
  readonly trustProxy?: readonly string[] | undefined;

  /**
   * Whether a request without `Origin`, which no browser's page sends to another site, is refused too.
   * @default false
   */
  readonly requireOrigin?: boolean | undefined;

  /**
   * Publishes a second that one identity may store, with a burst of 5 times as many; one address may
   * store 5 times that. Above it a publish is refused `rate-limited` with the time to wait. At least 1.
   * @default 20. `Infinity` turns this off, and the rate of new producers with it.
   */
  readonly publishPerSecond?: number | undefined;

  /**
   * Connections that one address (IPv6: one /64) may hold. Above it: 429 `too-many-connections`.
   * @default 200. `Infinity` turns this off; `maxConnections` stays.
   */
  readonly connectionsPerAddress?: number | undefined;

  /**
   * Connections that all addresses together may hold. Above it: 503 `too-many-connections`. A process that
   * reaches its limit of open files accepts and never answers, so stay below that.
   * @default the limit of open files (`ulimit -n`) less 128, or less 1 % where that is more
   */
  readonly maxConnections?: number | undefined;

  /**
   * Bytes of one message's body, as JSON in UTF-8. Above it: `too-large`. 1 to 16_777_216.
   * @default 65_536
   */
  readonly maxBodyBytes?: number | undefined;

  /**
   * Bytes of one frame. Above it the connection is closed 1009. At least `maxBodyBytes` + 2_048, to hold a
   * body and what stands around it; at most 33_554_432.
   * @default 262_144, or `maxBodyBytes` + 2_048 where that is more
   */
  readonly maxFrameBytes?: number | undefined;

  /** Subscriptions of one connection. Above it: `too-many-rooms`. 1 to 100_000. @default 200 */
  readonly maxRooms?: number | undefined;

  /**
   * Publishes of one connection that wait for their answer. Above it the server stops reading from the
   * connection until one is answered; nothing is refused. 1 to 100_000.
   * @default 256
   */
  readonly maxInFlight?: number | undefined;

  /** Bytes of the profile in `hello`, as JSON in UTF-8. Above it: `too-large`. 2 to 65_536. @default 1_024 */
  readonly maxProfileBytes?: number | undefined;

  /**
   * Silence after which a connection is pinged, ms, ±20 %. One that shows no life for 1.5 times that is
   * closed 4002; one that takes nothing from a full send buffer for twice that, 4001. 10 to 3_600_000.
   * There is no off: a peer that vanished would be held for ever.
   * @default 25_000
   */
  readonly heartbeatMs?: number | undefined;

  /**
   * Signals a second of one connection, with a burst of as many; one counts once for each 4 KiB of its body.
   * Those above it are dropped, as signals may be, and once a second at most its sender is told so. Without a
   * connection that lasts it counts per identity, and 20 times as high per address. 1 to 1_000_000.
   * @default 100
   */
  readonly signalsPerSecond?: number | undefined;

  /**
   * Rooms whose signals go out at most every so many ms (5 to 60_000): each subscriber gets one frame with
   * what came since, of each identity the newest 4, or as many as it says. For many who signal often, such as
   * the pointers or the inputs of fifty people. A signal after a pause goes at once, and so does what the
   * server's own code says. Asked when somebody begins to listen to a room here; must not throw.
   *
   *     signalTick: (room) => (room.startsWith("board-") ? 50 : null)
   *
   * @default none: signals go out at once
   */
  readonly signalTick?: ((room: string) => number | SignalTick | null) | undefined;

  /**
   * The longest that a busy room lets messages gather into one frame, ms, 0 to 1_000, and a quarter of the
   * longest that changes of its state do. An idle one sends at once whatever this says; 0 sends every
   * committed batch by itself.
   * @default 25
   */
  readonly coalesceMs?: number | undefined;

  /**
   * Bytes that may wait unsent on one connection before its subscriptions leave the live tail. Above it they
   * read on from the log at the pace of the socket: nothing is lost, signals are dropped, state is
   * conflated. 65_536 to 1_073_741_824.
   * @default 1_048_576 (1 MiB)
   */
  readonly sendBufferBytes?: number | undefined;

  /**
   * Bytes that may wait unsent on all connections together. Above it each one's share falls to 64 KiB. At
   * least `sendBufferBytes`.
   * @default 268_435_456 (256 MiB)
   */
  readonly totalSendBufferBytes?: number | undefined;

  /**
   * Rooms whose state lives in the memory of this process alone, at most 1,000: it is gone when the process
   * ends, other processes do not see it, and the disk has nothing to do with it. For what is out of date by
   * the next start anyway.
   * @default none: state is kept in the log, as messages are
   */
  readonly volatileState?: ((room: string) => boolean) | undefined;

  /**
   * What rooms and requests carry, declared once for both ends with `defineContract`. Whatever is published,
   * set, signalled or asked on whichever road, by the server's own code too, passes its schema before the hook
   * is asked; what does not fit is refused `bad-frame` in a sentence with its path, and what does goes on as the
   * schema made it. An asynchronous schema has the 10 s of a hook. It is asked before any rate, so keep it quick. Answers to requests are checked, too.
   * @default none: anything that JSON can say
   */
  readonly contract?: C | undefined;

  /** Says who a token stands for. @default none: an identity is the hash of the client's own key */
  readonly authenticate?: Authenticate | undefined;

  /** Says whether an identity may do an act. @default none: everybody may do everything in public rooms */
  readonly authorize?: Authorize | undefined;

  /**
   * Says which messages take back the one that they are about: for each that is stored with `re`, its body. Where
   * it is true, and both are of one identity, that one's body is erased from the log for good, and with it those
   * of what the same identity said about it before; it keeps its place. The answer waits for that. Must not throw.
   *
   *     erases: (body) => isObject(body) && body.delete === true
   *
   * @default none: nobody but the server's own code erases anything
   */
  readonly erases?: ((body: unknown) => boolean) | undefined;

  /**
   * What answers `client.request(method, params)`, by the name of the method; `authorize` is asked first, with
   * the action `request`. At most 32 of one connection work at a time, 512 of one address and 4,096 in all.
   *
   *     requests: {
   *       rename: async ({ params, identity, signal }) => ({ name: await rename(identity, params, signal) }),
   *     }
   *
   * @default none: every method is `unknown-method`
   */
  readonly requests?: RequestHandlersOf<C> | undefined;

  /**
   * How long a request may take, its `authorize` included, ms; behind that it is answered `deadline` and its
   * handler's signal aborts. 1 to 10_000: what takes longer answers at once and publishes what comes of it.
   * @default 10_000
   */
  readonly requestTimeoutMs?: number | undefined;

  /**
   * The folder in which named readers keep their places and what they make of messages, a SQLite file each; made if
   * missing. `:memory:` for readers that begin anew with each process.
   *
   *     readers: "./data/readers"
   *
   * @default none: `reader` is refused in words
   */
  readonly readers?: string | undefined;

  /**
   * The secret that opens what only the operator may see or do, as `Authorization: Bearer`. 1 to 512
   * characters of printable ASCII without spaces; make it long and random.
   * @default none: those functions are off
   */
  readonly operatorKey?: string | undefined;

  /** What `/status` and `/metrics` call this build; 1 to 64 characters. @default "unknown" */
  readonly version?: string | undefined;

  /**
   * Which of several processes on one port this is, 1 to 64 characters: `/status` shows it, and every
   * metric carries it as its label `worker`, since each process counts for itself.
   * @default none: it is the only one
   */
  readonly worker?: string | undefined;

  /**
   * Metrics of another process that belongs to this one, in Prometheus' text format: `/metrics` has them behind its own.
   * Where it rejects, or takes a second, they are left out. Their names must be none of Parlor's.
   * @default none
   */
  readonly moreMetrics?: (() => Promise<string>) | undefined;

  /** Time, for tests and simulations. @default the system's */
  readonly clock?: Clock | undefined;

  /** Chance, for tests and simulations: jitter only, never a secret. @default the system's */
  readonly random?: Random | undefined;

  /**
   * Whether the logger is told, at level `info`, of each connection that opens and closes and of each
   * refusal: who, from which address and origin, why. Never of bodies, rooms, keys or tokens. At most 100
   * lines a second, 1,000 in a burst; the next line says how many were left out.
   * @default false
   */
  readonly events?: boolean | undefined;

  /**
   * Where the operator is told what went wrong. Never receives bodies, tokens or keys.
   * @default warnings and errors go to standard error, one line of JSON each
   */
  readonly logger?: Logger | undefined;
}

/** Options with every default in its place and every value checked. */
export interface ResolvedOptions {
  readonly log: RoomLog;
  readonly files: Files | null;
  readonly bus: SignalBus;
  /** Begins and ends with `/`. */
  readonly basePath: string;
  readonly origins: readonly string[];
  readonly trustProxy: readonly string[];
  readonly requireOrigin: boolean;
  readonly publishPerSecond: number;
  readonly connectionsPerAddress: number;
  readonly maxConnections: number;
  /** What `welcome` tells; holds the options of the same names. */
  readonly limits: Limits;
  readonly heartbeatMs: number;
  readonly signalTick: ((room: string) => number | SignalTick | null) | null;
  readonly coalesceMs: number;
  readonly sendBufferBytes: number;
  readonly totalSendBufferBytes: number;
  readonly volatileState: ((room: string) => boolean) | null;
  readonly schemas: Schemas | null;
  readonly authenticate: Authenticate | null;
  readonly authorize: Authorize | null;
  readonly erases: ((body: unknown) => boolean) | null;
  readonly requests: RequestHandlers;
  readonly requestTimeoutMs: number;
  readonly readers: string | null;
  readonly operatorKey: string | null;
  readonly version: string;
  readonly worker: string | null;
  readonly promise: LogPromise | null;
  readonly moreMetrics: () => Promise<string>;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: boolean;
  readonly logger: Logger;
}

/** Bytes of a frame beside its body: a room's name escaped in JSON, seqs, offsets, member names. */
export const FRAME_OVERHEAD_BYTES = 2_048;

/**
 * The one place of the defaults. What is not here has none (`log`, hooks, the operator's key), or is
 * worked out where it is resolved (`maxConnections`, and `maxFrameBytes` where bodies may be large).
 */
export const DEFAULT_OPTIONS = Object.freeze({
  basePath: "/",
  origins: Object.freeze([]) as readonly string[],
  trustProxy: Object.freeze([]) as readonly string[],
  requireOrigin: false,
  publishPerSecond: 20,
  connectionsPerAddress: 200,
  maxBodyBytes: DEFAULT_LIMITS.maxBodyBytes,
  maxFrameBytes: DEFAULT_LIMITS.maxFrameBytes,
  maxRooms: DEFAULT_LIMITS.maxRooms,
  maxInFlight: DEFAULT_LIMITS.maxInFlight,
  maxProfileBytes: DEFAULT_LIMITS.maxProfileBytes,
  heartbeatMs: 25_000,
  signalsPerSecond: DEFAULT_LIMITS.signalsPerSecond,
  coalesceMs: 25,
  sendBufferBytes: 1_048_576,
  totalSendBufferBytes: 268_435_456,
  requests: Object.freeze({}) as RequestHandlers,
  requestTimeoutMs: 10_000,
  version: "unknown",
  clock: systemClock,
  random: systemRandom,
  events: false,
  logger: stderrLogger,
});
