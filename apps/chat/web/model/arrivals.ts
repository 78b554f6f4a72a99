import type { Clock, TimerHandle } from "@parlor/base";
import type { Message } from "@parlor/protocol";

/** How long a lively room's messages are gathered before they are shown, in ms. */
export const GATHER_MS = 100;

/**
 * Lets a lively room be drawn ten times a second, not at each message: what comes after a quiet moment is
 * handed on at once, and what comes soon after it is gathered. Order stays, nothing is left out.
 */
export class Arrivals {
  readonly #clock: Pick<Clock, "monotonic" | "after" | "cancel">;
  readonly #take: (messages: readonly Message[], live: boolean) => void;
  #waiting: Message[] = [];
  #isLive = true;
  #timer: TimerHandle | null = null;
  #quietUntil = 0;

  constructor(
    clock: Pick<Clock, "monotonic" | "after" | "cancel">,
    take: (messages: readonly Message[], live: boolean) => void,
  ) {
    this.#clock = clock;
    this.#take = take;
  }

  /** @param isUrgent somebody waits for one of these: it is shown at once, and what came before it too */
  add(messages: readonly Message[], live: boolean, isUrgent: boolean): void {
    if (this.#waiting.length > 0 && this.#isLive !== live) this.flush();
    this.#waiting.push(...messages);
    this.#isLive = live;
    const leftMs = this.#quietUntil - this.#clock.monotonic();
    if (isUrgent || leftMs <= 0) this.flush();
    else this.#timer ??= this.#clock.after(leftMs, () => this.flush());
  }

  /** Hands on what waits, before something that must come after it. */
  flush(): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
    if (this.#waiting.length === 0) return;
    const messages = this.#waiting;
    this.#waiting = [];
    this.#quietUntil = this.#clock.monotonic() + GATHER_MS;
    this.#take(messages, this.#isLive);
  }
}
