import type { ConnectionReadings, ConnectionReading } from "./connection-readings.ts";
import type { OperatorDoor, OperatorVerdict } from "./operator-door.ts";
import type { Metrics } from "./metrics.ts";
import type { OperatorNodes, ProcessFigures } from "./operator-nodes.ts";
import type { BoundReading, TotalsReading } from "./server-readings.ts";

interface Parts {
  readonly door: OperatorDoor;
  readonly nodes: OperatorNodes;
  readonly connections: ConnectionReadings;
  readonly metrics: Metrics;
}

/** What an operator's page is made of. Nothing here asks for the key but `check`: ask it first. */
export class OperatorHandle {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Whether a key that somebody showed is the operator's. Wrong ones are counted and bounded, 10 at once from an
   * address and one in 10 s behind that.
   */
  check(key: string | null, address: string): OperatorVerdict {
    return this.#parts.door.check(key, address);
  }

  /** How long keys of this address are not looked at, ms; 0 where they are. */
  waitMs(address: string): number {
    return this.#parts.door.waitMs(address);
  }

  /**
   * How every process is that serves this log, this one first. Others answer by the bus: whoever asks once a second
   * sees all of them from the second time on.
   */
  figures(): readonly ProcessFigures[] {
    return this.#parts.nodes.figures();
  }

  /** What the host tells with the figures of this process: JSON. It must not throw. */
  addFigures(more: () => unknown): void {
    this.#parts.nodes.more = more;
  }

  /** A bound of a part that the host added: in `parlor_bound_used` and `parlor_bound_max` of `/metrics`. */
  addBound(bound: BoundReading): void {
    this.#parts.metrics.addBound(bound);
  }

  /**
   * What such a part counts, in `/metrics`.
   * @throws {Error} where there is one of that name
   */
  addTotals(totals: TotalsReading): void {
    this.#parts.metrics.addTotals(totals);
  }

  /** Connections of one identity to this process. */
  connectionsOf(identity: string): readonly ConnectionReading[] {
    return this.#parts.connections.list(Infinity, identity);
  }

  /** Cuts a connection; who has it comes back, unless something keeps them out. False where there is none such. */
  endConnection(node: string, number: number): boolean {
    return this.#parts.nodes.end(node, number);
  }
}
