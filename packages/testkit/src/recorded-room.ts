import type { ParlorClient } from "@parlor/client";
import { isErrorCode, isPermanentRefusal, type Message, type Position } from "@parlor/protocol";
import { bodyText, entryOf } from "./history-recorder.ts";
import type { HistoryEvent } from "./history.ts";

export interface RecordedRoomOptions {
  /** Names the subscriber in the history; unique in the run. */
  readonly name: string;
  readonly room: string;
  readonly record: (event: HistoryEvent) => void;
  /** What a body is remembered as, given its JSON text: for large ones, by a hash. @default the text itself */
  readonly keep?: ((text: string) => string) | undefined;
  /** Counts what happens. @default nobody counts */
  readonly count?: ((what: RoomCount, by: number) => void) | undefined;
}

export type RoomCount =
  | "deliveries"
  | "resumes"
  | "acked"
  /** Refused for good, or ended without an answer. */
  | "given up"
  /** The outbox was full. */
  | "not taken";

/**
 * What one client sees and says in one room, recorded by the events of its public API for `checkHistory`.
 *
 *     const hall = new RecordedRoom(client, { name: "ada", room: "hall", record: (e) => recorder.add(e) });
 *     client.room("hall").subscribe();
 *     await hall.publish({ text: "hello" });
 */
export class RecordedRoom {
  /** Publishes that have no answer yet. */
  unanswered = 0;
  /** `at` of a message that was below the one before it. */
  readonly fallenTimes: string[] = [];
  readonly #client: ParlorClient;
  readonly #options: RecordedRoomOptions;
  #position: Position | null = null;
  #lastAt = 0;

  constructor(client: ParlorClient, options: RecordedRoomOptions) {
    this.#client = client;
    this.#options = options;
    const { name: subscriber, room } = options;
    const followed = client.room(room);
    followed.on("subscribed", ({ epoch, after, lost, skipped }) => {
      const cursor = this.#position;
      if (cursor !== null) this.#count("resumes", 1);
      this.#record({ kind: "subscribed", subscriber, room, cursor, epoch, after, lost, skipped });
      this.#position = { epoch, offset: after };
    });
    followed.on("messages", (messages) => this.#take(messages));
    followed.on("unsubscribed", () => this.left());
  }

  /** Where this reader stands; null before its first chain. */
  get position(): Position | null {
    return this.#position;
  }

  /** The reader wants no more of the room, or was turned out: nobody expects it at the end. */
  left(): void {
    const { name: subscriber, room } = this.#options;
    this.#record({ kind: "left", subscriber, room });
    this.#position = null;
  }

  /** Says something, and fulfils when that is answered for good, whatever the answer. */
  async publish(body: unknown): Promise<void> {
    const { room } = this.#options;
    const { producer } = this.#client;
    const told = this.#client.room(room);
    const lastBefore = told.outbox.at(-1)?.seq;
    const published = told.publish(body);
    const seq = told.outbox.at(-1)?.seq;
    if (seq === undefined || seq === lastBefore) {
      // Not taken into the outbox at all, so nobody may ever see it.
      this.#count("not taken", 1);
      await published.catch(() => undefined);
      return;
    }
    const about = { kind: "publish", room, producer, seq } as const;
    this.#record({ ...about, outcome: "invoke", body: this.#keep(bodyText(body)) });
    this.unanswered += 1;
    try {
      const { epoch, offset } = await published;
      this.#count("acked", 1);
      this.#record({ ...about, outcome: "ok", epoch: epoch === "" ? null : epoch, offset });
    } catch (error) {
      this.#count("given up", 1);
      this.#record({ ...about, outcome: isSurelyNotStored(error) ? "fail" : "info" });
    } finally {
      this.unanswered -= 1;
    }
  }

  #take(messages: readonly Message[]): void {
    const { name, room } = this.#options;
    const position = this.#position;
    if (position === null) throw new Error(`${name} was told messages before its chain began`);
    const { epoch, offset: after } = position;
    const entries = messages.map((message) => {
      const entry = entryOf(message);
      return entry.body === null ? entry : { ...entry, body: this.#keep(entry.body) };
    });
    this.#record({ kind: "messages", subscriber: name, room, epoch, after, entries });
    for (const { at, offset } of messages) {
      if (at < this.#lastAt) this.fallenTimes.push(`${name} saw time fall at offset ${offset} of ${room}`);
      this.#lastAt = at;
    }
    this.#position = { epoch, offset: entries.at(-1)?.offset ?? after };
    this.#count("deliveries", entries.length);
  }

  #keep(text: string): string {
    return this.#options.keep?.(text) ?? text;
  }

  #count(what: RoomCount, by: number): void {
    this.#options.count?.(what, by);
  }

  #record(event: HistoryEvent): void {
    this.#options.record(event);
  }
}

/** Where an earlier sending may have been stored the sentence says so, whatever the code. */
function isSurelyNotStored(error: unknown): boolean {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const mayBeStored = /may (or may not )?have been stored/.test(String(message));
  return isErrorCode(code) && isPermanentRefusal(code) && !mayBeStored;
}
