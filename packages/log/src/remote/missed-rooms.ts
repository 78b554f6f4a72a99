import type { Clock } from "@parlor/base";

/** Rooms whose standing is asked for at one time. */
const MAX_ASKED = 16;

/** Pause after the log could not say where a room stands, in ms. */
const RETRY_PAUSE_MS = 250;

/**
 * Followed rooms of which a worker may have missed events, by number. Each is told once there is room for
 * it, however long that takes; one that is missed again while it is being told is told again.
 */
export class MissedRooms {
  readonly #clock: Clock;
  readonly #canTell: () => boolean;
  readonly #tell: (number: number) => Promise<void>;
  readonly #waiting = new Set<number>();
  #asked = 0;
  #isPausing = false;

  /** @param tell  Rejects where the log could not say it: then it is tried again. */
  constructor(clock: Clock, canTell: () => boolean, tell: (number: number) => Promise<void>) {
    this.#clock = clock;
    this.#canTell = canTell;
    this.#tell = tell;
  }

  add(number: number): void {
    this.#waiting.add(number);
    this.goOn();
  }

  delete(number: number): void {
    this.#waiting.delete(number);
  }

  clear(): void {
    this.#waiting.clear();
  }

  /** There may be room to tell more now. */
  goOn(): void {
    while (this.#asked < MAX_ASKED && !this.#isPausing && this.#canTell()) {
      const [number] = this.#waiting;
      if (number === undefined) return;
      this.#waiting.delete(number);
      this.#asked += 1;
      void this.#tellOne(number);
    }
  }

  async #tellOne(number: number): Promise<void> {
    try {
      await this.#tell(number);
    } catch {
      // The log can't read now; its status says why. The room stays missed until it can.
      this.#waiting.add(number);
      this.#pause();
    }
    this.#asked -= 1;
    this.goOn();
  }

  #pause(): void {
    if (this.#isPausing) return;
    this.#isPausing = true;
    this.#clock.after(RETRY_PAUSE_MS, () => {
      this.#isPausing = false;
      this.goOn();
    });
  }
}
