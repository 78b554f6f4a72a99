import type { Clock, TimerHandle } from "@parlor/base";
import type { ConnectionState, ParlorClient, TransportKind } from "@parlor/client";
import { signal, type ReadonlySignal } from "@preact/signals";
import { connectionSign, QUIET_MS, type ConnectionSign } from "./connection-sign.ts";

/** What the browser believes of its network. */
export interface Network {
  readonly isOnLine: boolean;
  /** Calls `listener` whenever that changes. */
  onChange(listener: () => void): void;
}

/** Follows the client's connection and the browser's network, and says what to show of them. */
export class ConnectionWatch {
  readonly #sign = signal<ConnectionSign>({ kind: "connecting" });
  readonly #transport = signal<TransportKind | null>(null);
  readonly #client: Pick<ParlorClient, "state" | "on">;
  readonly #network: Network;
  readonly #clock: Clock;
  #wasOpen = false;
  /** When the connection was lost; null while it is open. */
  #downSinceMs: number | null;
  #timer: TimerHandle | null = null;

  constructor(client: Pick<ParlorClient, "state" | "on">, network: Network, clock: Clock) {
    this.#client = client;
    this.#network = network;
    this.#clock = clock;
    this.#downSinceMs = clock.monotonic();
    client.on("state", (state) => this.#take(state));
    network.onChange(() => this.#tell());
    this.#take(client.state);
  }

  get sign(): ReadonlySignal<ConnectionSign> {
    return this.#sign;
  }

  /** What carries the messages, or did last; null before the first connection. */
  get transport(): ReadonlySignal<TransportKind | null> {
    return this.#transport;
  }

  #take(state: ConnectionState): void {
    if (state.kind === "open") {
      this.#transport.value = state.transport;
      this.#wasOpen = true;
      this.#downSinceMs = null;
    } else {
      this.#downSinceMs ??= this.#clock.monotonic();
    }
    this.#tell();
  }

  #tell(): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
    const downForMs = this.#downSinceMs === null ? 0 : this.#clock.monotonic() - this.#downSinceMs;
    const { isOnLine } = this.#network;
    const next = connectionSign({ state: this.#client.state, downForMs, wasOpen: this.#wasOpen, isOnLine });
    // The same sign again is no change: it would be read out a second time.
    if (next.kind !== this.#sign.peek().kind) this.#sign.value = next;
    if (this.#downSinceMs !== null && downForMs < QUIET_MS) {
      this.#timer = this.#clock.after(Math.ceil(QUIET_MS - downForMs), () => this.#tell());
    }
  }
}

export const browserNetwork: Network = {
  get isOnLine() {
    return navigator.onLine;
  },
  onChange(listener) {
    addEventListener("online", listener);
    addEventListener("offline", listener);
  },
};
