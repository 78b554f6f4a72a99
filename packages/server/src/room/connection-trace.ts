import type { Clock } from "@parlor/base";
import type { LogFields } from "./logger.ts";

/** How a connection ended. */
export interface ConnectionEnd {
  /** Why the server ended it, or `gone`: the peer did, or the network. */
  readonly reason: string;
  /** The close code of a WebSocket; 1006 where no close came. */
  readonly code?: number | undefined;
  /** What of the peer's bytes could not be taken, as the reader of WebSockets names it. */
  readonly fault?: string | undefined;
}

/** Ends that no well-behaved peer on a good network comes to. */
const ABNORMAL: ReadonlySet<string> = new Set([
  "tooLarge",
  "internal",
  "slow",
  "heartbeat",
  "rateLimited",
  "hello",
]);

/** The close code that stands for a connection which ended without one. */
const NO_CLOSE = 1_006;

/** One connection in the operator's log, from its opening to its end. */
export class ConnectionTrace {
  readonly number: number;
  readonly #isRequest: boolean;
  readonly #write: (event: string, fields: LogFields) => void;
  readonly #clock: Clock;
  readonly #openedMs: number;
  #identity: string | null = null;

  constructor(
    number: number,
    isRequest: boolean,
    write: (event: string, fields: LogFields) => void,
    clock: Clock,
  ) {
    this.number = number;
    this.#isRequest = isRequest;
    this.#write = write;
    this.#clock = clock;
    this.#openedMs = clock.monotonic();
  }

  /** It is known now who it is: the public identity, never the secret behind it. */
  welcomed(identity: string): void {
    this.#identity = identity;
    if (!this.#isRequest) this.#write("welcome", { identity });
  }

  closed({ reason, code, fault }: ConnectionEnd): void {
    const isAbnormal =
      ABNORMAL.has(reason) || fault !== undefined || (reason === "gone" && code === NO_CLOSE);
    this.#write("close", {
      ...(this.#identity === null ? {} : { identity: this.#identity }),
      reason,
      ...(code === undefined ? {} : { code }),
      ...(fault === undefined ? {} : { fault }),
      abnormal: isAbnormal,
      ms: Math.round(this.#clock.monotonic() - this.#openedMs),
    });
  }
}
