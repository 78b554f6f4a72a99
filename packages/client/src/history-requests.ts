import type { HistoryPageFrame } from "@parlor/protocol";
import type { Failure } from "./effects.ts";
import type { Turn } from "./turn.ts";

export interface HistoryQuery {
  readonly room: string;
  /** Messages with a smaller offset; without it the newest. */
  readonly before?: number | undefined;
  /** 1 to 500. @default 50 */
  readonly limit?: number | undefined;
  /** Also the later messages whose `re` lies in the page. */
  readonly related?: boolean | undefined;
}

/** Who asked for a page, and hears once what became of it. */
export interface HistoryAsker {
  page(page: HistoryPageFrame): void;
  /** @param isTemporary The same question may be answered another time. */
  fail(failure: Failure, isTemporary: boolean): void;
}

interface Question {
  readonly query: HistoryQuery;
  readonly asker: HistoryAsker;
  isInFlight: boolean;
}

/** A server answers pages one after the other; more under way would only fill its send buffer. */
const MAX_IN_FLIGHT = 8;
const MAX_PENDING = 256;
const MAX_ID = 2 ** 31 - 1;

/**
 * Questions for pages of history: each has an id, a bounded number is under way, and since reading
 * changes nothing, what a lost connection left unanswered is asked again on the next.
 */
export class HistoryRequests {
  /** By id, in the order in which they were asked. */
  readonly #questions = new Map<number, Question>();
  readonly #turn: Turn;
  #nextId = 1;

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  add(query: HistoryQuery, asker: HistoryAsker): void {
    if (this.#questions.size >= MAX_PENDING) {
      const message = "Too many pages are asked for.";
      return asker.fail({ code: "unavailable", message }, true);
    }
    this.#questions.set(this.#nextId, { query, asker, isInFlight: false });
    do this.#nextId = (this.#nextId % MAX_ID) + 1;
    while (this.#questions.has(this.#nextId));
  }

  /** Sends what may go out now: the oldest are under way. */
  pump(): void {
    let inFlight = 0;
    for (const [id, question] of this.#questions) {
      if (++inFlight > MAX_IN_FLIGHT) return;
      if (!question.isInFlight) this.#turn.send({ type: "history", id, ...question.query });
      question.isInFlight = true;
    }
  }

  /** The connection is gone, and with it the answers that were under way. */
  unlink(): void {
    for (const question of this.#questions.values()) question.isInFlight = false;
  }

  /** The one whose question this answers; undefined where nobody asked it. */
  take(id: number | undefined): HistoryAsker | undefined {
    const question = this.#questions.get(id ?? 0);
    this.#questions.delete(id ?? 0);
    return question?.asker;
  }

  /** The client is closed: every question is over. */
  end(failure: Failure): void {
    const questions = [...this.#questions.values()];
    this.#questions.clear();
    for (const { asker } of questions) asker.fail(failure, false);
  }
}
