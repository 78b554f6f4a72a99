import type { Clock, TimerHandle } from "@parlor/base";
import { systemClock } from "@parlor/base";
import type { Transport } from "@parlor/client";

/** The other end of one kind of transport, small and real: a server whose every word is the test's. */
export interface TransportFarEnd {
  /** The transport under test, to this far end. */
  transport(clock: Clock): Transport;
  /** The frame that it greets each connection with, as a text. */
  readonly welcome: string;
  /** What connections, and requests that are complete by themselves, began with. */
  readonly openings: readonly (readonly string[])[];
  /** Frames that came behind. */
  readonly received: readonly string[];
  /** Connections, or requests, that are under way. */
  readonly openCount: number;
  /** Sends these to whoever is connected, or will be. */
  say(...texts: readonly string[]): void;
  /** Ends what is under way in an orderly way, as a server does that has said why. */
  end(): void;
  /** Is gone, and what was under way breaks off. */
  vanish(): void;
  /** Runs whenever anything of this changed. */
  onChange: () => void;
  dispose(): Promise<void>;
}

/** Fulfils when the far end is as asked. */
export function untilFar(far: TransportFarEnd, isSo: (far: TransportFarEnd) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (isSo(far)) resolve();
    };
    far.onChange = check;
    check();
  });
}

/** The system's clock, which knows how many of its timers are set. */
export class CountingClock implements Clock {
  readonly #pending = new Set<TimerHandle>();

  get pendingCount(): number {
    return this.#pending.size;
  }

  now(): number {
    return systemClock.now();
  }

  monotonic(): number {
    return systemClock.monotonic();
  }

  after(delayMs: number, task: () => void): TimerHandle {
    const handle = systemClock.after(delayMs, () => {
      this.#pending.delete(handle);
      task();
    });
    this.#pending.add(handle);
    return handle;
  }

  cancel(handle: TimerHandle): void {
    this.#pending.delete(handle);
    systemClock.cancel(handle);
  }
}
