import { type Clock, CodedError } from "@parlor/base";
import { type EndSignal, SAME_WISH_MS, SIGNAL_NUMBERS } from "../lifecycle.ts";

/**
 * Ctrl-C for a command that would leave something half done: it ends at its next word of progress, by a fault, so that
 * it takes away what it made so far. Asked again more than a second later, the process ends at once.
 */
export class Stopping {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #exit: (code: number) => void;
  #asked: { readonly signal: EndSignal; readonly atMs: number } | null = null;

  constructor(clock: Pick<Clock, "monotonic">, exit: (code: number) => void) {
    this.#clock = clock;
    this.#exit = exit;
  }

  /** As a shell counts it; undefined while nobody asked. */
  get exitCode(): number | undefined {
    return this.#asked === null ? undefined : exitCodeOf(this.#asked.signal);
  }

  ask(signal: EndSignal): void {
    const nowMs = this.#clock.monotonic();
    if (this.#asked === null) this.#asked = { signal, atMs: nowMs };
    else if (nowMs - this.#asked.atMs > SAME_WISH_MS) this.#exit(exitCodeOf(signal));
  }

  /** @throws {CodedError} `stopped`, once somebody asked. */
  check(): void {
    if (this.#asked !== null) throw new CodedError("stopped", "it was stopped, and left nothing half done");
  }
}

function exitCodeOf(signal: EndSignal): number {
  return 128 + SIGNAL_NUMBERS[signal];
}
