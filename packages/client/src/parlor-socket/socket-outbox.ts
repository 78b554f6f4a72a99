import { isTemporary } from "../reconnect.ts";
import type { ServerFrame } from "@parlor/protocol";
import type { CoreExtra, CoreParts } from "../core-parts.ts";
import type { Failure, Ticket } from "../effects.ts";
import type { HistoryQuery } from "../history-requests.ts";
import { limitOf } from "../limit-of.ts";
import { Outbox, type OutboxLimits } from "../outbox.ts";
import { Sender } from "../sender.ts";

/**
 * What goes up from the one room of a socket: its outbox and what sends it, and the pages of history by which the
 * sender settles what became of a publish (settle.ts), one at a time.
 *
 * Leaves: what may wait (outbox.ts), what goes out when (sender.ts).
 */
export class SocketOutbox implements CoreExtra {
  readonly #outbox: Outbox;
  readonly #core: CoreParts;
  readonly #sender: Sender;
  /** The page that is asked for. */
  #query: HistoryQuery | null = null;
  /** Of the newest question; 0 while what was asked has to be asked again. */
  #asked = 0;
  #count = 0;

  constructor(core: CoreParts, room: string, limits: OutboxLimits) {
    this.#core = core;
    this.#outbox = new Outbox(room, core.producer, limits, core.turn, JSON.parse);
    this.#sender = new Sender(this.#outbox, core.turn);
    core.extras.push(this);
  }

  /** @param json Of a text, as it will travel. */
  publish(json: string, bytes: number, ticket: Ticket): void {
    this.#outbox.add(ticket, { json, bytes }, undefined);
  }

  take(frame: ServerFrame): boolean {
    const sender = this.#sender;
    switch (frame.type) {
      case "welcome":
        sender.link(frame.identity);
        return false;
      case "ack":
        sender.ack(frame.seq, frame.offset ?? null, "");
        return true;
      case "refused":
        sender.refused(frame, frame.seq);
        return true;
      case "history":
        if (this.#answers(frame.id)) sender.page(frame);
        return true;
      case "error":
        if (frame.to === "publish") sender.refused(frame, frame.seq);
        else if (this.#answers(frame.id)) sender.fail(frame as Failure, isTemporary(frame.code));
        else return false;
        return true;
      default:
        return false;
    }
  }

  pump(): void {
    const { connection, identity, turn, limits } = this.#core;
    if (connection.phase !== "welcomed" || connection.farewell !== null || identity === null) return;
    this.#query ??= this.#sender.nextQuery();
    if (this.#query !== null && this.#asked === 0) {
      this.#asked = this.#count += 1;
      turn.send({ type: "history", id: this.#asked, ...this.#query });
    }
    const { position } = this.#core.cursor(this.#outbox.room);
    this.#sender.pump(identity, position, limitOf(limits, "maxInFlight") - this.#sender.inFlight);
  }

  unlink(): void {
    this.#asked = 0;
    this.#sender.unlink();
  }

  end(failure: Failure): void {
    this.#sender.end();
    this.#outbox.end(failure);
  }

  timer(name: string): boolean {
    const isOwn = name === this.#sender.timer;
    if (isOwn) this.#sender.retry();
    return isOwn;
  }

  #answers(id: number | undefined): boolean {
    if (id !== this.#asked || this.#query === null) return false;
    this.#query = null;
    this.#asked = 0;
    return true;
  }
}
