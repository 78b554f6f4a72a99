import { appendFileSync, readFileSync } from "node:fs";
import {
  isPermanentRefusal,
  type ClientFrame,
  type Message,
  type Position,
  type ServerFrame,
} from "@parlor/protocol";
import type { HistoryEntry, HistoryEvent } from "./history.ts";

/**
 * Records what the parties of a run see, from the frames that they send and receive.
 *
 * In memory, and where a file is named also as JSON lines there, so that a run that dies can be judged.
 */
export class HistoryRecorder {
  readonly events: HistoryEvent[] = [];
  readonly #file: string | null;

  constructor(file: string | null = null) {
    this.#file = file;
  }

  /** One connection after another of one client; its cursors go on from each to the next. */
  party(name: string): PartyRecorder {
    return new PartyRecorder(name, (event) => this.add(event));
  }

  /** What the log holds of a room when all is over; the messages may come from several pages. */
  addLog(room: string, epoch: string, earliest: number, messages: readonly Message[]): void {
    this.add({ kind: "log", room, epoch, earliest, entries: messages.map(entryOf) });
  }

  add(event: HistoryEvent): void {
    this.events.push(event);
    if (this.#file !== null) appendFileSync(this.#file, `${JSON.stringify(event)}\n`);
  }
}

/** Reads what a recorder wrote; a last line that was cut is left out. */
export function readHistory(file: string): HistoryEvent[] {
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as HistoryEvent);
}

export class PartyRecorder {
  readonly #name: string;
  readonly #add: (event: HistoryEvent) => void;
  /** Cursor of each room; null where the next `subscribed` begins anew. */
  readonly #cursors = new Map<string, Position | null>();
  #producer = "";

  constructor(name: string, add: (event: HistoryEvent) => void) {
    this.#name = name;
    this.#add = add;
  }

  /** The cursor to resume from; null where there is none. */
  cursor(room: string): Position | null {
    return this.#cursors.get(room) ?? null;
  }

  sent(frame: ClientFrame): void {
    if (frame.type === "hello") this.#producer = frame.producer;
    else if (frame.type === "publish") {
      const { room, seq, body } = frame;
      this.#add({
        kind: "publish",
        outcome: "invoke",
        room,
        producer: this.#producer,
        seq,
        body: bodyText(body),
      });
    } else if (frame.type === "unsubscribe" || (frame.type === "subscribe" && frame.after === undefined)) {
      if (this.cursor(frame.room) !== null)
        this.#add({ kind: "left", subscriber: this.#name, room: frame.room });
      this.#cursors.set(frame.room, null);
    }
  }

  received(frame: ServerFrame): void {
    switch (frame.type) {
      case "subscribed": {
        const { room, epoch, after, lost, skipped } = frame;
        const cursor = this.cursor(room);
        this.#add({ kind: "subscribed", subscriber: this.#name, room, cursor, epoch, after, lost, skipped });
        this.#cursors.set(room, { epoch, offset: after });
        return;
      }
      case "messages": {
        const { room, after, messages } = frame;
        const epoch = this.cursor(room)?.epoch ?? "(none)";
        const entries = messages.map(entryOf);
        this.#add({ kind: "messages", subscriber: this.#name, room, epoch, after, entries });
        this.#cursors.set(room, { epoch, offset: messages.at(-1)?.offset ?? after });
        return;
      }
      case "ack": {
        const { room, seq, offset } = frame;
        const producer = this.#producer;
        this.#add({
          kind: "publish",
          outcome: "ok",
          room,
          producer,
          seq,
          epoch: null,
          offset: offset ?? null,
        });
        return;
      }
      case "refused":
        if (isPermanentRefusal(frame.code)) {
          this.#add({
            kind: "publish",
            outcome: "fail",
            room: frame.room,
            producer: this.#producer,
            seq: frame.seq,
          });
        }
        return;
      case "history": {
        const { room, epoch, messages } = frame;
        this.#add({ kind: "history", reader: this.#name, room, epoch, entries: messages.map(entryOf) });
        return;
      }
      case "welcome":
      case "unsubscribed":
      case "signal":
      case "signals":
      case "state":
      case "presence":
      case "reply":
      case "error":
      case "bye":
      case "ping":
      case "pong":
        return;
    }
  }

  /** The sender stops asking, and does not know what became of it. */
  gaveUp(room: string, seq: number): void {
    this.#add({ kind: "publish", outcome: "info", room, producer: this.#producer, seq });
  }
}

/** A message as the checker sees it. */
export function entryOf(message: Message): HistoryEntry {
  const { offset, producer, seq } = message;
  return { offset, producer, seq, body: message.redacted === true ? null : bodyText(message.body) };
}

export function bodyText(body: unknown): string {
  return JSON.stringify(body) ?? "";
}
