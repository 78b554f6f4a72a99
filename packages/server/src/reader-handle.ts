import type { MessageOf } from "@parlor/protocol";
import { type RoomChoice, roomsNamed } from "./reader/room-choice.ts";
import type { Reader } from "./reader/reader.ts";
import type { Projection } from "./reader/projection.ts";
import type { Effects, Gone, ReaderContext } from "./reader/sqlite-projection.ts";
import type { DatabaseSync } from "node:sqlite";
import type { Services } from "./session/services.ts";

/**
 * What a named reader does with each message: once, in the order of its room. Of what it writes to `db` that holds
 * across crashes, since the cursor moves in the same transaction; what it does elsewhere may be done again after a
 * crash, with the same `key`. Where it throws or rejects, the message is tried again after 0.5 s, and then ever
 * later, up to 30 s; the logger is told each time, and the rooms beside it go on. Messages that were erased before
 * they were read are passed over.
 *
 * One that answers at once runs on the event loop: keep it quick. One that returns a promise is waited for, with
 * its transaction open, before the next message.
 */
export type ReaderEffect<Body = unknown> = (
  message: MessageOf<Body>,
  context: ReaderContext,
) => void | Promise<void>;

export interface RoomReaderOptions {
  /**
   * `start`: everything that the log keeps of its rooms. `now`: only what is written after the reader was made, for
   * effects that nobody wants of last year's messages; what a restored backup brings back is not read again.
   * @default "start"
   */
  readonly from?: "start" | "now" | undefined;
  /** Makes the reader's own tables in `db`, when its file is made, and again when it is rebuilt. */
  readonly tables?: ((db: DatabaseSync) => void) | undefined;
  /**
   * Called where what was read is gone: a message was erased, a room trimmed, deleted or replaced by another history.
   * In a transaction of its own, synchronous, and maybe more than once for the same thing. What was erased while the
   * server was down is found at its next start, by looking through what was read.
   * @default none: what came of a message stays
   */
  readonly onGone?: ((gone: Gone, db: DatabaseSync) => void) | undefined;
}

export interface ReaderOptions extends RoomReaderOptions {
  /**
   * A room, or the beginning of rooms' names with `*` behind it; rooms of one identity (`@…`) only where it begins
   * with `@`.
   * @default "*": all rooms that anybody could be let into
   */
  readonly rooms?: string | undefined;
}

/** A named reader, as the host has it. It goes on until it or the Parlor is closed. */
export class ReaderHandle {
  readonly name: string;
  readonly #reader: Reader;
  readonly #services: Services;

  constructor(reader: Reader, services: Services) {
    this.name = reader.name;
    this.#reader = reader;
    this.#services = services;
  }

  /** How far it is behind the log: messages, as far as is known, and for how long something has waited, in ms. */
  get lag(): { readonly messages: number; readonly waitedMs: number } {
    return this.#reader.lag;
  }

  /** Fulfils when everything that is in the log now has had its effect. */
  caughtUp(): Promise<void> {
    return this.#reader.caughtUp();
  }

  /** Deletes the reader's file and reads again from where it begins; fulfils when the file is new. */
  rebuild(): Promise<void> {
    return this.#reader.rebuild();
  }

  /** Stops behind the effect that is under way, within 5 s. It goes on where it was when it is started again. */
  close(): Promise<void> {
    return this.#services.readers.end(this.#reader);
  }
}

export function startReader<Body>(
  services: Services,
  name: string,
  rooms: RoomChoice | null,
  { from = "start", tables, onGone }: RoomReaderOptions,
  effect: ReaderEffect<Body>,
): ReaderHandle {
  const effects = { onMessage: effect, tables, onGone } as unknown as Effects;
  const reader = services.readers.start(name, { rooms, fromNow: from === "now" }, effects);
  return new ReaderHandle(reader, services);
}

export function startReaderInto(
  services: Services,
  name: string,
  { rooms = "*", from = "start" }: Pick<ReaderOptions, "rooms" | "from">,
  projection: Projection,
): ReaderHandle {
  const start = { rooms: roomsNamed(rooms), fromNow: from === "now" };
  return new ReaderHandle(services.readers.startInto(name, start, projection), services);
}
