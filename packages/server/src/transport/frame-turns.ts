/**
 * Frames of one connection that are taken in one turn of the event loop, pings and pongs among them. Enough
 * that who speaks at any pace of their own never meets it; what comes on is taken in the turns that follow.
 */
const FRAMES_A_TURN = 32;

/** And of all connections together; past it each has one more in that turn. */
const FRAMES_OF_ALL = 256;

/** What a connection is known by here; made with it, so that ten thousand of them need no table. */
export interface FrameShare {
  turn: number;
  taken: number;
}

/**
 * Whose frame is taken next. One read of a socket may bring ten thousand small frames, each some microseconds
 * of work: taken at once they would hold up everybody for as long. So each connection has a few in a turn, and
 * is not read on from before they are taken. Rule: docs/protocol.md [GROW-70].
 */
export class FrameTurns {
  #turn = 0;
  #takenOfAll = 0;
  #isCounting = false;

  /** A frame was taken; answers whether the next may be in this same turn. */
  took(share: FrameShare): boolean {
    if (!this.#isCounting) {
      this.#isCounting = true;
      setImmediate(this.#next);
    }
    if (share.turn !== this.#turn) {
      share.turn = this.#turn;
      share.taken = 0;
    }
    share.taken += 1;
    this.#takenOfAll += 1;
    return share.taken < FRAMES_A_TURN && this.#takenOfAll < FRAMES_OF_ALL;
  }

  readonly #next = (): void => {
    this.#isCounting = false;
    this.#takenOfAll = 0;
    this.#turn += 1;
  };
}
