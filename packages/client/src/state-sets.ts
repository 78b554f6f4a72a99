import { isJsonObject, type ErrorFrame, type ServerFrame, type StateFrame } from "@parlor/protocol";
import type { CoreExtra, CoreParts } from "./core-parts.ts";
import type { Failure, Ticket } from "./effects.ts";

/** One key's newest wish, and all who wait for it. */
interface Wish {
  readonly room: string;
  readonly key: string;
  readonly json: string;
  readonly tickets: Ticket[];
}

/** Above the ids of other questions, which begin at 1. */
const FIRST_ID = 2 ** 30;
const LAST_ID = 2 ** 31 - 1;

/** Changes under way at a time; more wait, the newest of each key. */
const MAX_IN_FLIGHT = 64;
const MAX_WAITING = 1_000;

/**
 * The changes of state that this client asks for, of all rooms: of each key one is under way at a time, and
 * while it is, the newest takes the place of those that wait. What a lost connection left unanswered is asked
 * for again, unless the key has a newer wish: setting twice is the same as once.
 */
export class StateSets implements CoreExtra {
  /** Who takes the state frames of a room. */
  readonly views = new Map<string, (frame: StateFrame) => void>();
  readonly #core: CoreParts;
  /** By room and key. */
  #waiting = new Map<string, Wish>();
  readonly #sent = new Map<number, Wish>();
  #nextId = FIRST_ID;

  constructor(core: CoreParts) {
    this.#core = core;
  }

  add(wish: Wish): void {
    const { state } = this.#core.connection;
    if (state.kind === "closed") return this.#fail(wish, state);
    const name = nameOf(wish);
    const earlier = this.#waiting.get(name);
    if (earlier === undefined && this.#waiting.size >= MAX_WAITING) {
      return this.#fail(wish, { code: "unavailable", message: "Too many changes wait for the server." });
    }
    this.#waiting.delete(name);
    this.#waiting.set(name, { ...wish, tickets: [...(earlier?.tickets ?? []), ...wish.tickets] });
    this.#core.connection.want();
  }

  take(frame: ServerFrame): boolean {
    switch (frame.type) {
      case "welcome":
        this.#unlink();
        return false;
      case "state":
        this.views.get(frame.room)?.(frame);
        return true;
      case "reply":
        return this.#settle(frame.id, frame.result, undefined);
      case "error":
        return frame.to === "set" && this.#settle(frame.id ?? 0, undefined, frame);
      default:
        return false;
    }
  }

  pump(): void {
    const { connection, turn } = this.#core;
    if (connection.state.kind === "closed") {
      const failure = connection.state;
      for (const wish of [...this.#sent.values(), ...this.#waiting.values()]) this.#fail(wish, failure);
      this.#sent.clear();
      this.#waiting.clear();
    }
    if (connection.phase !== "welcomed" || connection.farewell !== null || this.#waiting.size === 0) return;
    const underWay = new Set([...this.#sent.values()].map(nameOf));
    for (const [name, wish] of this.#waiting) {
      if (this.#sent.size >= MAX_IN_FLIGHT) return;
      if (underWay.has(name)) continue;
      this.#waiting.delete(name);
      const id = this.#nextId;
      this.#nextId = id === LAST_ID ? FIRST_ID : id + 1;
      this.#sent.set(id, wish);
      const { room, key, json } = wish;
      turn.send(
        `{"type":"set","room":${JSON.stringify(room)},"key":${JSON.stringify(key)},"value":${json},"id":${id}}`,
      );
    }
  }

  #unlink(): void {
    const again = new Map([...this.#sent.values()].map((wish) => [nameOf(wish), wish]));
    for (const [name, newer] of this.#waiting) {
      const older = again.get(name);
      again.set(
        name,
        older === undefined ? newer : { ...newer, tickets: [...older.tickets, ...newer.tickets] },
      );
    }
    this.#sent.clear();
    this.#waiting = again;
  }

  #settle(id: number, result: unknown, error: ErrorFrame | undefined): boolean {
    const wish = this.#sent.get(id);
    if (wish === undefined) return false;
    this.#sent.delete(id);
    if (error !== undefined) this.#fail(wish, error);
    const version = isJsonObject(result) ? Number(result["version"]) : NaN;
    if (error === undefined)
      for (const ticket of wish.tickets) this.#core.turn.settle(ticket, { value: { version } });
    return true;
  }

  #fail({ tickets }: Wish, { code, message, retryAfterMs }: Failure): void {
    for (const ticket of tickets)
      this.#core.turn.settle(ticket, { failure: { code, message, retryAfterMs } });
  }
}

function nameOf({ room, key }: Wish): string {
  return JSON.stringify([room, key]);
}
