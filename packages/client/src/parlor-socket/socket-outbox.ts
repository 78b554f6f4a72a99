import { DEFAULT_MAX_IN_FLIGHT, type ServerFrame } from "@parlor/protocol";
import type { CoreExtra, CoreParts } from "../core-parts.ts";
import type { Failure, Ticket } from "../effects.ts";
import type { HistoryQuery } from "../history-requests.ts";
import { limitOf } from "../limit-of.ts";
import { NEVER_SENT, type OutboxItem } from "../outbox-item.ts";
import type { OutboxLimits } from "../outbox.ts";
import { isTemporary } from "../reconnect.ts";
import { senderOf, type Sender, type Sent } from "../sender.ts";

/**
 * What goes up from the one room of a socket: an outbox that nobody looks into, what sends it, and the pages of
 * history by which the sender settles what became of a publish (settle.ts), one at a time.
 *
 * Leaves: what goes out when (sender.ts).
 */
export class SocketOutbox implements CoreExtra {
  readonly #outbox: Sent;
  readonly #items: OutboxItem[] = [];
  readonly #core: CoreParts;
  readonly #sender: Sender;
  readonly #limits: OutboxLimits;
  #bytes = 0;
  #count = 0;
  /** The page that is asked for. */
  #query: HistoryQuery | null = null;
  /** Of the newest question; 0 while what was asked has to be asked again. */
  #asked = 0;
  #questions = 0;

  constructor(core: CoreParts, room: string, limits: OutboxLimits) {
    const { producer, turn } = core;
    const outbox: Sent = {
      room,
      producer,
      items: this.#items,
      remove: (item, outcome) => {
        this.#items.splice(this.#items.indexOf(item), 1);
        this.#bytes -= item.body.bytes;
        turn.settle(item.ticket, outcome);
      },
      refuse: (item, failure) => outbox.remove(item, { failure }),
      changed: () => undefined,
    };
    this.#core = core;
    this.#outbox = outbox;
    this.#limits = limits;
    this.#sender = senderOf(outbox, turn);
    core.extras.push(this);
  }

  /** @param json Of a text, as it will travel. */
  publish(json: string, bytes: number, ticket: Ticket): void {
    if (this.#items.length >= this.#limits.maxCount || this.#bytes + bytes > this.#limits.maxBytes) {
      const message = `The outbox is full: ${this.#bytes} bytes wait for the server.`;
      return this.#core.turn.settle(ticket, { failure: { code: "unavailable", message } });
    }
    this.#bytes += bytes;
    this.#items.push({ ...NEVER_SENT, ticket, seq: (this.#count += 1), body: { json, bytes } });
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
      this.#asked = this.#questions += 1;
      turn.send({ type: "history", id: this.#asked, ...this.#query });
    }
    const { position } = this.#core.cursor(this.#outbox.room);
    const maxInFlight = limitOf(limits.maxInFlight, DEFAULT_MAX_IN_FLIGHT);
    this.#sender.pump(identity, position, maxInFlight - this.#sender.inFlight);
  }

  unlink(): void {
    this.#asked = 0;
    this.#sender.unlink();
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
