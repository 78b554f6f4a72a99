import type { ConnectionState, ParlorClient } from "@parlor/client";
import { signal, type ReadonlySignal } from "@preact/signals";
import { connectionSign, QUIET_MS, type ConnectionSign } from "./connection-sign.ts";

/** Follows the client's connection and the browser's network, and says what to show of them. */
export class ConnectionWatch {
  readonly #sign = signal<ConnectionSign>({ kind: "connecting" });
  readonly #client: ParlorClient;
  #wasOpen = false;
  #downSinceMs = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: ParlorClient) {
    this.#client = client;
    client.on("state", (state) => this.#take(state));
    addEventListener("online", () => this.#tell());
    addEventListener("offline", () => this.#tell());
    this.#take(client.state);
  }

  get sign(): ReadonlySignal<ConnectionSign> {
    return this.#sign;
  }

  #take(state: ConnectionState): void {
    if (state.kind === "open") {
      this.#wasOpen = true;
      this.#downSinceMs = Number.NaN;
    } else if (Number.isNaN(this.#downSinceMs)) {
      this.#downSinceMs = performance.now();
    }
    this.#tell();
  }

  #tell(): void {
    clearTimeout(this.#timer);
    const downForMs = performance.now() - this.#downSinceMs;
    const next = connectionSign({
      state: this.#client.state,
      downForMs,
      wasOpen: this.#wasOpen,
      isOnLine: navigator.onLine,
    });
    // The same sign again is no change: it would be read out a second time.
    if (next.kind !== this.#sign.peek().kind) this.#sign.value = next;
    if (downForMs < QUIET_MS) this.#timer = setTimeout(() => this.#tell(), QUIET_MS - downForMs + 1);
  }
}
