import type { TransportName } from "./room/counters.ts";

/** One connection as the operator sees it. */
export interface ConnectionReading {
  /** Names it within its process, for as long as it lives. */
  readonly number: number;
  readonly transport: TransportName;
  readonly address: string;
  /** Null where it has not said who it is. */
  readonly identity: string | null;
  /** Bytes that wait unsent on it. */
  readonly waitingBytes: number;
  /** Whether those are over its mark, so that it reads from the log and is told no signals. */
  readonly isSlow: boolean;
}

/** A connection of whatever transport, as far as it is read and ended here. */
export interface ReadableConnection {
  readonly transport: TransportName;
  readonly address: string;
  readonly identity: string | null;
  readonly waitingBytes: number;
  readonly isWritable: boolean;
  /** What stays the same for as long as it lives. */
  readonly self: object;
  /** Ends it without a word; whoever it was comes back with their cursor. */
  cut(): void;
}

/** The connections of one process, by numbers that are given when somebody looks. */
export class ConnectionReadings {
  readonly #all: () => Iterable<ReadableConnection>;
  readonly #numbers = new WeakMap<object, number>();
  #given = 0;

  constructor(all: () => Iterable<ReadableConnection>) {
    this.#all = all;
  }

  /** Those for which most waits, then the newest; at most `limit`. Of an identity its own alone, where one is named. */
  list(limit: number, identity?: string): ConnectionReading[] {
    const readings: ConnectionReading[] = [];
    for (const connection of this.#all()) {
      if (identity !== undefined && connection.identity !== identity) continue;
      const { transport, address, waitingBytes, isWritable } = connection;
      readings.push({
        number: this.#numberOf(connection.self),
        transport,
        address,
        identity: connection.identity,
        waitingBytes,
        isSlow: !isWritable,
      });
    }
    readings.sort(
      (a, b) => Number(b.isSlow) - Number(a.isSlow) || b.waitingBytes - a.waitingBytes || b.number - a.number,
    );
    return readings.slice(0, limit);
  }

  /** False where there is none of that number any more. */
  end(number: number): boolean {
    for (const connection of this.#all()) {
      if (this.#numbers.get(connection.self) !== number) continue;
      connection.cut();
      return true;
    }
    return false;
  }

  #numberOf(self: object): number {
    const known = this.#numbers.get(self);
    if (known !== undefined) return known;
    this.#given += 1;
    this.#numbers.set(self, this.#given);
    return this.#given;
  }
}
