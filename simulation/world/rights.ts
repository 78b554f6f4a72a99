import type { Clock, Random } from "@parlor/base";
import type { Authorize } from "@parlor/server";
import { randomInteger } from "@parlor/testkit";

/** Only who was let in may read or write here; all other rooms are for everybody. */
export const PRIVATE_ROOM = "vault";

/** All rooms that there are. */
export const ROOMS: readonly string[] = ["hall", PRIVATE_ROOM];

/** The host's answer takes so long at most, ms; what was sent meanwhile was sent in good faith. */
const MAX_ANSWER_MS = 40;

/** Who may enter the private room, and since when somebody may not any more. */
export class Rights {
  readonly #clock: Clock;
  readonly #admitted = new Set<string>();
  /** When each was turned out, monotonic ms. */
  readonly #revokedAtMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  admit(identity: string): void {
    this.#admitted.add(identity);
    this.#revokedAtMs.delete(identity);
  }

  /** The servers must ask again about what is subscribed to already. */
  revoke(identity: string): void {
    this.#admitted.delete(identity);
    this.#revokedAtMs.set(identity, this.#clock.monotonic());
  }

  may(identity: string, room: string): boolean {
    return room !== PRIVATE_ROOM || this.#admitted.has(identity);
  }

  /**
   * As `may`, for what is sent now on an earlier answer. A process that stood still until `runningSinceMs`
   * could not hear the next one before.
   */
  mayStillHear(identity: string | null, room: string, runningSinceMs: number): boolean {
    if (identity !== null && this.may(identity, room)) return true;
    const revokedAtMs = this.#revokedAtMs.get(identity ?? "");
    if (revokedAtMs === undefined) return false;
    return this.#clock.monotonic() <= Math.max(revokedAtMs, runningSinceMs) + 2 * MAX_ANSWER_MS;
  }

  /** The host's hook: answers at once, or takes its time. */
  authorize(clock: Clock, random: Random): Authorize {
    return ({ identity, room }) => {
      if (room !== PRIVATE_ROOM) return true;
      if (random() < 0.5) return this.may(identity, room);
      const waitMs = randomInteger(random, 1, MAX_ANSWER_MS);
      return new Promise((resolve) => {
        clock.after(waitMs, () => resolve(this.may(identity, room)));
      });
    };
  }
}
