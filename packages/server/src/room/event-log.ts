import { type Clock, TokenBucket } from "@parlor/base";
import { type ErrorCode, isClientFrameType } from "@parlor/protocol";
import { ConnectionTrace } from "./connection-trace.ts";
import type { ConnectionRefusal, Counters, TransportName } from "./counters.ts";
import type { LogFields, Logger } from "./logger.ts";

/** Lines that may be written a second, and in a burst: whoever floods the server shall not fill its disk. */
const LINES = { perSecond: 100, burst: 1_000 } as const;

/** Characters of what a stranger chose; JSON escapes them. */
const MAX_ORIGIN_CHARACTERS = 200;

/** Of whom an event speaks. */
export interface EventSubject {
  readonly address: string;
  /** Null where it is not known yet, or did not matter. */
  readonly identity?: string | null;
  /** Of the page, where a browser named one. */
  readonly origin?: string | undefined;
  /** The number of its connection. */
  readonly connection?: number | undefined;
}

/**
 * What happens at the door and to connections: counted always, and told to the logger where the host
 * wants that.
 *
 * A line holds the event, addresses, origins, identities, codes and times, and nothing else: no body, no
 * room, no key or token, no query, no sentence that repeats what a peer sent. Of more lines than a rate
 * the rest is counted, and the next line says how many were left out.
 */
export class EventLog {
  readonly #counters: Counters;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #isOn: boolean;
  readonly #worker: string | null;
  readonly #lines: TokenBucket;
  #leftOut = 0;
  #connections = 0;

  /** @param worker  Which of several processes this is; it stands in each line. */
  constructor(counters: Counters, logger: Logger, clock: Clock, isOn: boolean, worker: string | null = null) {
    this.#worker = worker;
    this.#counters = counters;
    this.#logger = logger;
    this.#clock = clock;
    this.#isOn = isOn;
    this.#lines = new TokenBucket(LINES.perSecond, LINES.burst, clock.monotonic());
  }

  /** A publish, frame or request is refused. `to` is what was asked for: a frame's type, or one of `ADDRESSES`. */
  refused(code: ErrorCode, { address, identity, origin, connection }: EventSubject, to: string): void {
    this.#counters.refused[code] += 1;
    if (!this.#isOn) return;
    this.#write("refused", {
      code,
      // A type that is not known is a stranger's own text.
      to: ADDRESSES.has(to) || isClientFrameType(to) ? to : "frame",
      address,
      ...originField(origin),
      ...(identity === undefined || identity === null ? {} : { identity }),
      ...(connection === undefined ? {} : { connection }),
    });
  }

  /** An upgrade is refused before it became a connection. */
  turnedAway(reason: ConnectionRefusal, code: ErrorCode, address: string, origin: string | undefined): void {
    this.#counters.connectionsRefused[reason] += 1;
    if (this.#isOn) this.#write("turned-away", { reason, code, address, ...originField(origin) });
  }

  /** Somebody came with an operator's key that is not this server's. */
  wrongOperatorKey(address: string): void {
    this.#counters.wrongOperatorKeys += 1;
    if (this.#isOn) this.#write("wrong-operator-key", { address });
  }

  /** A connection begins. What comes back is told of the rest of its life; null where nobody wants to know. */
  opened(transport: TransportName, address: string, origin: string | undefined): ConnectionTrace | null {
    if (!this.#isOn) return null;
    this.#connections += 1;
    const connection = { connection: this.#connections, transport, address };
    const write = (event: string, fields: LogFields): void =>
      this.#write(event, { ...connection, ...fields });
    // A poll and a send are one request: their end says all.
    const isRequest = transport === "poll" || transport === "send";
    if (!isRequest) write("open", originField(origin));
    return new ConnectionTrace(this.#connections, isRequest, write, this.#clock);
  }

  #write(event: string, fields: LogFields): void {
    if (!this.#lines.take(this.#clock.monotonic())) {
      this.#leftOut += 1;
      this.#counters.eventLinesLeftOut += 1;
      return;
    }
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    const at = new Date(this.#clock.now()).toISOString();
    const before = leftOut === 0 ? {} : { leftOutBefore: leftOut };
    const worker = this.#worker === null ? {} : { worker: this.#worker };
    this.#logger.info(WORDS[event] ?? event, { event, at, ...worker, ...fields, ...before });
  }
}

const ADDRESSES: ReadonlySet<string> = new Set([
  "request",
  "file",
  "upload",
  "stream",
  "poll",
  "send",
  "plain",
  "feed",
  "form",
]);

const WORDS: Readonly<Record<string, string>> = {
  open: "A connection is open.",
  welcome: "A connection said who it is.",
  close: "A connection is over.",
  refused: "Something was refused.",
  "turned-away": "A connection was turned away.",
  "wrong-operator-key": "A wrong operator's key was shown.",
};

function originField(origin: string | undefined): { readonly origin?: string } {
  return origin === undefined ? {} : { origin: origin.slice(0, MAX_ORIGIN_CHARACTERS) };
}
