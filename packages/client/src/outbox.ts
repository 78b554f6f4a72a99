import type { Failure, Outcome, Ticket } from "./effects.ts";
import {
  contentOf,
  NEVER_SENT,
  viewItem,
  type OutboxItem,
  type PendingPublish,
  type ReadBody,
} from "./outbox-item.ts";
import type { CheckedBody } from "./publish-body.ts";
import type { Turn } from "./turn.ts";

export interface OutboxLimits {
  readonly maxCount: number;
  readonly maxBytes: number;
}

/**
 * The outbox of one room: publishes that are not answered for good yet, in order.
 *
 * Owns:     the items, their order, their seqs, how many may wait.
 * Leaves:   sending them (sender.ts, which is loaded once there is something to send).
 */
export class Outbox {
  readonly room: string;
  readonly producer: string;
  readonly items: OutboxItem[] = [];
  readonly #limits: OutboxLimits;
  readonly #turn: Turn;
  readonly read: ReadBody;
  #bytes = 0;
  #nextSeq = 1;

  constructor(room: string, producer: string, limits: OutboxLimits, turn: Turn, read: ReadBody) {
    this.room = room;
    this.producer = producer;
    this.#limits = limits;
    this.#turn = turn;
    this.read = read;
  }

  view(): readonly PendingPublish[] {
    return this.items.map((item) => viewItem(item, this.read));
  }

  add(ticket: Ticket, body: CheckedBody, re: number | undefined): void {
    const { maxCount, maxBytes } = this.#limits;
    const count = this.items.length;
    if (count >= maxCount || this.#bytes + body.bytes > maxBytes) {
      const message = `The outbox is full: ${count} publishes of ${this.#bytes} bytes wait for the server.`;
      return this.#turn.settle(ticket, { failure: { code: "unavailable", message } });
    }
    const seq = this.#nextSeq++;
    this.#bytes += body.bytes;
    this.items.push({ ...NEVER_SENT, ticket, seq, body, re });
    this.changed();
  }

  remove(item: OutboxItem, outcome: Outcome): void {
    this.items.splice(this.items.indexOf(item), 1);
    this.#bytes -= item.body.bytes;
    this.#turn.settle(item.ticket, outcome);
  }

  /** Ends an item without success: its promise rejects, and it stays visible among the refused. */
  refuse(item: OutboxItem, failure: Failure): void {
    this.remove(item, { failure });
    const { code, message } = failure;
    const value = { ...contentOf(item, this.read), code, message, mayBeStored: item.isUncertain };
    this.#turn.tell(this.room, { name: "refused", value });
  }

  /** Nothing goes out any more. */
  end({ code, message }: Failure): void {
    for (const item of [...this.items]) {
      const fate = item.isUncertain ? "may or may not have been" : "was not";
      this.refuse(item, { code, message: `${message} The publish ${fate} stored.` });
    }
    this.changed();
  }

  changed(): void {
    this.#turn.tell(this.room, { name: "outbox" });
  }
}
