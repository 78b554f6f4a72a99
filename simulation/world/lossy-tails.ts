import type { Clock, Random } from "@parlor/base";
import type { MemoryLog, Tail, TailEvent } from "@parlor/log";
import { randomInteger } from "@parlor/testkit";

/**
 * What tails tell, as over a link to where the log lives: late, in order, and while the link is broken not at
 * all. When it is whole again each tail says what it missed, as the port asks, or a later batch shows it.
 */
export class LossyTails {
  readonly #memory: MemoryLog;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #followers = new Map<(event: TailEvent) => void, string>();
  readonly #queue: (() => void)[] = [];
  #isBroken = false;

  constructor(memory: MemoryLog, clock: Clock, random: Random) {
    this.#memory = memory;
    this.#clock = clock;
    this.#random = random;
  }

  async follow(room: string, listener: (event: TailEvent) => void): Promise<Tail> {
    let isClosed = false;
    const tell = (event: TailEvent): void => {
      if (!isClosed) listener(event);
    };
    const tail = await this.#memory.tail(room, (event) => {
      if (this.#isBroken) return;
      this.#later(() => {
        if (!this.#isBroken) tell(event);
      });
    });
    this.#followers.set(tell, room);
    return {
      close: () => {
        isClosed = true;
        this.#followers.delete(tell);
        tail.close();
      },
    };
  }

  breakLink(): void {
    this.#isBroken = true;
  }

  /** The link is whole again, and every tail hears where its room stands. */
  mend(): void {
    if (!this.#isBroken) return;
    this.#isBroken = false;
    // A server that drained meanwhile has closed it: there is nobody to tell.
    if (this.#memory.status.kind === "closed") return;
    for (const [tell, room] of this.#followers) {
      void this.#memory
        .head(room)
        .then(({ epoch, head, earliest }) =>
          this.#later(() => tell({ kind: "missed", epoch, head, earliest })),
        );
    }
  }

  /** Whatever timer comes first does what was to be done first. */
  #later(task: () => void): void {
    this.#queue.push(task);
    this.#clock.after(randomInteger(this.#random, 1, 8), () => this.#queue.shift()?.());
  }
}
