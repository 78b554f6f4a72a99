/**
 * How many connections there may be: from one address, and in all.
 *
 * Counted before anything is made for a connection, so that one over the limit costs a sentence. A long
 * poll and an event stream count as a WebSocket does. Rules: docs/protocol.md, GROW-7 and GROW-8.
 */
import type { Random } from "@parlor/base";
import { addressGroup } from "./session/address-group.ts";
import type { Refusal } from "./session/hooks.ts";

export interface LimitRefusal extends Refusal {
  readonly code: "too-many-connections";
  readonly status: 429 | 503;
  /** For counting. */
  readonly reason: "address-limit" | "server-limit";
  readonly retryAfterMs: number;
}

export interface ConnectionLimitsOptions {
  /** `Infinity` for off. */
  readonly connectionsPerAddress: number;
  readonly maxConnections: number;
  readonly random: Random;
}

/** Shortest and longest wait that a refused peer is told, ms: spread, so that they do not return at once. */
const RETRY_MS = { min: 2_000, max: 10_000 } as const;

export class ConnectionLimits {
  readonly #perAddress: number;
  readonly #max: number;
  readonly #random: Random;
  // Never more entries than there are connections: a count that reaches 0 is removed.
  readonly #byAddress = new Map<string, number>();
  #total = 0;

  constructor({ connectionsPerAddress, maxConnections, random }: ConnectionLimitsOptions) {
    this.#perAddress = connectionsPerAddress;
    this.#max = maxConnections;
    this.#random = random;
  }

  get total(): number {
    return this.#total;
  }

  /** Addresses (IPv6: /64s) that hold connections. */
  get addressCount(): number {
    return this.#byAddress.size;
  }

  /** Counts one more connection, or says why it may not be. Each null is owed one `release`. */
  take(address: string): LimitRefusal | null {
    if (this.#total >= this.#max) {
      return this.#refuse(
        503,
        "server-limit",
        "The server holds as many connections as it may; come back later.",
      );
    }
    const group = addressGroup(address);
    const held = this.#byAddress.get(group) ?? 0;
    if (held >= this.#perAddress) {
      return this.#refuse(
        429,
        "address-limit",
        `Your address holds ${held} connections, as many as it may; close some, or come back later.`,
      );
    }
    this.#byAddress.set(group, held + 1);
    this.#total += 1;
    return null;
  }

  /** Counts one connection less. */
  release(address: string): void {
    const group = addressGroup(address);
    const held = this.#byAddress.get(group);
    if (held === undefined) return;
    if (held === 1) this.#byAddress.delete(group);
    else this.#byAddress.set(group, held - 1);
    this.#total -= 1;
  }

  #refuse(status: 429 | 503, reason: LimitRefusal["reason"], message: string): LimitRefusal {
    const retryAfterMs = Math.round(RETRY_MS.min + this.#random() * (RETRY_MS.max - RETRY_MS.min));
    return { code: "too-many-connections", status, reason, message, retryAfterMs };
  }
}
