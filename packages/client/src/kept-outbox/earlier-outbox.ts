import type { Ticket } from "../effects.ts";
import type { OutboxItem } from "../outbox-item.ts";
import type { Outbox } from "../outbox.ts";
import type { Publishing, UpwardRoom } from "../publishing.ts";
import type { KeptPublish } from "./outbox-store.ts";

/** The outbox of one room as a producer that is gone left it, and what the room had in its place. */
export interface EarlierOutbox {
  readonly outbox: Outbox;
  readonly own: Pick<UpwardRoom, "outbox" | "sender">;
}

/**
 * Puts what a producer that is gone left into the place of the room's own outbox, until all of it is answered: what
 * was written first goes out first. What is published meanwhile goes to the client's own, and waits.
 */
export function putEarlier(
  publishing: Publishing,
  name: string,
  producer: string,
  items: readonly OutboxItem[],
): EarlierOutbox {
  const room = publishing.room(name);
  room.sender?.unlink();
  const own = { outbox: room.outbox, sender: room.sender };
  const outbox = anotherOutbox(publishing, name, producer);
  outbox.items.push(...items);
  const view = outbox.view.bind(outbox);
  const end = outbox.end.bind(outbox);
  // Intentionally no subclass: it would have to import what the page has loaded already (see requests.ts).
  outbox.view = () => [...view(), ...own.outbox.view()];
  outbox.add = (...publish) => own.outbox.add(...publish);
  outbox.end = (failure) => {
    end(failure);
    own.sender?.end();
    own.outbox.end(failure);
  };
  room.outbox = outbox;
  room.sender = null;
  outbox.changed();
  return { outbox, own };
}

/** Gives the room back its own. */
export function takeAway(publishing: Publishing, { outbox: { room: name }, own }: EarlierOutbox): void {
  const room = publishing.room(name);
  room.outbox = own.outbox;
  room.sender = own.sender;
  room.outbox.changed();
}

/** An outbox that is in no room yet. */
export function anotherOutbox(publishing: Publishing, room: string, producer: string): Outbox {
  // Intentionally by the class of one that is there: its module would come twice.
  const { read, constructor } = publishing.room(room).outbox;
  const Made = constructor as typeof Outbox;
  return new Made(room, producer, { maxCount: Infinity, maxBytes: Infinity }, publishing.turn, read);
}

/** What a record becomes in the outbox of the page that takes it over. */
export function itemOf(record: KeptPublish, id: number, ticket: Ticket, isOld = false): OutboxItem {
  const { producer, seq, json, bytes, re, writtenAt, sentAs, sentBehind } = record;
  return {
    ticket,
    seq,
    body: { json, bytes },
    re,
    sentAs,
    sentBehind,
    isInFlight: false,
    // Nothing is sent before its record says as whom.
    isUncertain: sentAs !== "",
    refusal: null,
    earlier: { id, producer, writtenAt },
    isOld,
  };
}
