import type { Clock } from "@parlor/base";
import type { Stored } from "./stored.ts";

/** A copy of a stream that holds at a sequence something else than what is right there. */
export interface WrongCopy {
  readonly stream: string;
  readonly sequence: number;
  /** Null where it is of no room. */
  readonly room: string | null;
  /** The stream's leader, where it is that one's copy; null where it is another's: answers of those have no name. */
  readonly server: string | null;
}

/** Whose copy it is that is wrong. */
export type CopyAt = "leader" | "another";

export interface WrongCopiesOptions {
  readonly clock: Clock;
  /** The name of the server that leads a stream; null where none does. */
  readonly leaderOf: (stream: string) => Promise<string | null>;
  readonly roomOf: (subject: string) => string | null;
  readonly tell: (wrong: WrongCopy) => void;
}

const TELL_EVERY_MS = 60_000;

/** Counts answers from wrong copies, and tells of one a minute. */
export class WrongCopies {
  readonly #options: WrongCopiesOptions;
  #toldMs = -Infinity;
  #total = 0;

  constructor(options: WrongCopiesOptions) {
    this.#options = options;
  }

  get total(): number {
    return this.#total;
  }

  /** @param found  What is right, as another copy has it. */
  add(stream: string, found: Stored, at: CopyAt): void {
    this.#total += 1;
    const nowMs = this.#options.clock.monotonic();
    if (nowMs - this.#toldMs < TELL_EVERY_MS) return;
    this.#toldMs = nowMs;
    void this.#tell(stream, found, at);
  }

  async #tell(stream: string, { seq: sequence, subject }: Stored, at: CopyAt): Promise<void> {
    const { leaderOf, roomOf, tell } = this.#options;
    // Where it can't be asked now, the rest is news enough.
    const server = at === "leader" ? await leaderOf(stream).catch(() => null) : null;
    tell({ stream, sequence, room: roomOf(subject), server });
  }
}

/** Who can be asked for one message of a stream. */
export interface Copies {
  /** As many answers of copies, which are chosen by chance; fewer where some do not come. */
  any(times: number): Promise<readonly (Stored | null)[]>;
  leader(): Promise<Stored | null>;
}

/**
 * What is right, from whichever copy has it: one of any, then the leader, then many; null where none has.
 *
 * @param many  How many are asked where neither has it; 0 where there is one copy.
 * @param onWrong  Told of who had something else, where another has what is right. Who had nothing may only lag.
 */
export async function findRight(
  copies: Copies,
  isRight: (data: Uint8Array) => boolean,
  many: number,
  onWrong: (found: Stored, at: CopyAt) => void,
): Promise<Stored | null> {
  const [first = null] = await copies.any(1);
  if (first !== null && isRight(first.data)) return first;
  const atLeader = await copies.leader();
  if (atLeader !== null && isRight(atLeader.data)) {
    if (first !== null) onWrong(atLeader, "another");
    return atLeader;
  }
  const all = many === 0 ? [] : await copies.any(many);
  const found = all.find((each): each is Stored => each !== null && isRight(each.data)) ?? null;
  if (found !== null && atLeader !== null) onWrong(found, "leader");
  else if (found !== null && first !== null) onWrong(found, "another");
  return found;
}
