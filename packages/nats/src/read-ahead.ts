import type { RecordSource, SourcedRecord } from "./record-source.ts";

/** Questions under way at once, at most: each answer may be as large as a record. */
const MAX_AHEAD = 8;

interface Question {
  readonly after: number;
  readonly answer: Promise<SourcedRecord | null>;
}

/**
 * Reads a room's records one after the other, and asks for some before they are wanted: where the one after the next
 * lies is guessed from how far apart the last two were. The first record behind 7 is the first behind 9, too, where it
 * is at 12; so a guess that is not exact serves as well, and one that is wrong costs a question.
 *
 * For a room that is written as fast as a question takes: who asks one at a time comes no nearer to its head.
 */
export class ReadAhead {
  readonly #source: Pick<RecordSource, "next">;
  /** Under way or answered, in order. */
  #questions: Question[] = [];
  /** Those, too, that nobody wants the answer of any more. */
  #underWay = 0;
  /** How many may be: more with each one that served, so that who wants one record asks for one. */
  #ahead = 0;
  #lastGap = Infinity;

  constructor(source: Pick<RecordSource, "next">) {
    this.#source = source;
  }

  /** As the source's own. @param until  What is behind it is not asked for ahead. */
  async next(after: number, until: number): Promise<SourcedRecord | null> {
    const found = (await this.#asked(after)) ?? (await this.#source.next(after));
    if (found === null) return null;
    const gap = found.seq - after;
    this.#ask(found.seq, Math.min(gap, this.#lastGap), until);
    this.#lastGap = gap;
    return found;
  }

  /** The answer to a question that was asked before, where one tells what is wanted now. */
  async #asked(after: number): Promise<SourcedRecord | null> {
    for (;;) {
      const [question] = this.#questions;
      // The next lies in between: what was asked for may still serve for those behind it.
      if (question === undefined || question.after > after) return this.#missed();
      const found = await question.answer;
      if (found === null) {
        // There was nothing then; there may be by now.
        this.#questions = [];
        return this.#missed();
      }
      if (found.seq > after) {
        this.#ahead = Math.min(MAX_AHEAD, Math.max(1, this.#ahead * 2));
        return found;
      }
      this.#questions.shift();
    }
  }

  #missed(): null {
    this.#ahead = Math.max(1, this.#ahead >> 1);
    return null;
  }

  #ask(from: number, apart: number, until: number): void {
    const last = this.#questions.at(-1);
    let after = last === undefined ? from : Math.max(from, last.after + apart);
    const isFree = (): boolean => this.#questions.length < this.#ahead && this.#underWay < MAX_AHEAD;
    for (; isFree() && after < until; after += apart) {
      this.#underWay += 1;
      const answer = this.#source.next(after).finally(() => (this.#underWay -= 1));
      // Told to who wants it, if anybody does.
      answer.catch(() => undefined);
      this.#questions.push({ after, answer });
    }
  }
}
