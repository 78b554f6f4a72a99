import type { Clock, TimerHandle } from "@parlor/base";
import type { BusListening, SignalBus } from "@parlor/log";

const CHANNELS = "chat/only-one/";
const BEAT_MS = 2_000;
/** Who was silent for so long is gone; who came waits as long before it begins. */
export const SILENT_MS = 6_000;

export interface OnlyOneOptions {
  /** What the one does: for each thing one is chosen. */
  readonly what: "examples" | "jobs" | "files";
  /** Of this node, and no other's. */
  readonly id: string;
  readonly bus: SignalBus;
  readonly clock: Clock;
  /** Whether it is this node now. Not called twice with the same. */
  readonly onChange: (isThis: boolean) => void;
}

/**
 * Chooses one of the nodes, for what exactly one should do: the first by name of those that are heard. While they can't
 * hear each other there may be several, so it is for what does no harm twice, such as examples.
 */
export class OnlyOne {
  readonly #options: OnlyOneOptions;
  readonly #heardMs = new Map<string, number>();
  readonly #begunMs: number;
  #listening: BusListening | null = null;
  #timer: TimerHandle | null = null;
  #isThis = false;
  #isClosed = false;

  constructor(options: OnlyOneOptions) {
    this.#options = options;
    this.#begunMs = options.clock.monotonic();
    void this.#begin();
  }

  close(): void {
    this.#isClosed = true;
    this.#listening?.close();
    if (this.#timer !== null) this.#options.clock.cancel(this.#timer);
    this.#tell(false);
  }

  async #begin(): Promise<void> {
    const { bus, clock, id, what } = this.#options;
    const listening = await bus.listen(CHANNELS + what, (other) => {
      // Only names that come before this one's decide anything, and of those it takes but the newest few.
      if (other >= id || other.length > 64 || (this.#heardMs.size >= 1_000 && !this.#heardMs.has(other)))
        return;
      this.#heardMs.set(other, clock.monotonic());
      this.#look();
    });
    if (this.#isClosed) return listening.close();
    this.#listening = listening;
    this.#beat();
  }

  #beat(): void {
    const { bus, clock, id, what } = this.#options;
    bus.send(CHANNELS + what, id);
    this.#look();
    this.#timer = clock.after(BEAT_MS, () => this.#beat());
  }

  #look(): void {
    const nowMs = this.#options.clock.monotonic();
    for (const [other, heardMs] of this.#heardMs) {
      if (nowMs - heardMs > SILENT_MS) this.#heardMs.delete(other);
    }
    this.#tell(this.#heardMs.size === 0 && nowMs - this.#begunMs >= SILENT_MS);
  }

  #tell(isThis: boolean): void {
    if (isThis === this.#isThis) return;
    this.#isThis = isThis;
    this.#options.onChange(isThis);
  }
}
