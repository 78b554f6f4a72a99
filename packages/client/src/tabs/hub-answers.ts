import type { ServerFrame } from "@parlor/protocol";
import type { HubMember } from "./hub-member.ts";

type Asking = "history" | "request" | "set";

interface Question {
  readonly member: HubMember;
  readonly id: number;
  readonly type: Asking;
}

/** As many as a server answers of one connection at a time, or is asked without filling its send buffer. */
const MAX_UNDER_WAY: Readonly<Record<Asking, number>> = { history: 8, request: 32, set: 64 };
/** Above the ids of the hub's own questions, which begin at 1. */
const FIRST_ID = 2 ** 29;
const LAST_ID = 2 ** 31 - 1;

/**
 * Brings each answer to the tab that asked. Questions have an id, which two tabs may choose alike, so each goes up
 * with one of the hub's; a bounded number of each kind is under way, as from one client.
 */
export class HubAnswers {
  readonly #send: (text: string) => void;
  readonly #asked = new Map<number, Question>();
  readonly #underWay: Record<Asking, number> = { history: 0, request: 0, set: 0 };
  #waiting: { readonly question: Question; readonly frame: object }[] = [];
  #nextId = FIRST_ID;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  get hasRequests(): boolean {
    return this.#underWay.request > 0;
  }

  ask(member: HubMember, type: Asking, id: number, frame: object): void {
    this.#waiting.push({ question: { member, id, type }, frame });
    this.#pump();
  }

  /** Whose question this answers, with the frame as its asker knows it; null where none of theirs. */
  take(frame: ServerFrame): { readonly member: HubMember; readonly frame: ServerFrame } | null {
    if (frame.type !== "reply" && frame.type !== "history" && frame.type !== "error") return null;
    const question = this.#asked.get(frame.id ?? 0);
    if (question === undefined) return null;
    this.#asked.delete(frame.id ?? 0);
    this.#underWay[question.type] -= 1;
    this.#pump();
    return { member: question.member, frame: { ...frame, id: question.id } };
  }

  /** The connection is gone, and with it all answers. */
  clear(): void {
    this.#asked.clear();
    this.#waiting = [];
    this.#underWay.history = this.#underWay.request = this.#underWay.set = 0;
  }

  #pump(): void {
    this.#waiting = this.#waiting.filter(({ question, frame }) => {
      const { type, member } = question;
      if (member.isGone) return false;
      if (this.#underWay[type] >= MAX_UNDER_WAY[type]) return true;
      this.#underWay[type] += 1;
      const id = this.#nextId;
      this.#nextId = id === LAST_ID ? FIRST_ID : id + 1;
      this.#asked.set(id, question);
      this.#send(JSON.stringify({ ...frame, id }));
      return false;
    });
  }
}
