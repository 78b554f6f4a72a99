import type { ClientRoom, ParlorClient, SubscribeOptions } from "@parlor/client";
import { isErrorCode, isPermanentRefusal, type Message, type Position } from "@parlor/protocol";
import { bodyText, entryOf } from "./history-recorder.ts";
import type { HistoryEvent } from "./history.ts";

export interface RoomRecorderOptions {
  readonly client: ParlorClient;
  readonly room: string;
  /** Names the subscriber in the history; unique in the run. */
  readonly name: string;
  /** A `HistoryRecorder`, or whatever else takes events. */
  readonly recorder: { add(event: HistoryEvent): void };
  /** Where it begins. @default { last: 500 } */
  readonly subscribe?: SubscribeOptions;
  /** What a body is remembered as, given its JSON text: for large ones, by a hash. @default the text itself */
  readonly keep?: (text: string) => string;
  /** Counts what happens. @default nobody counts */
  readonly count?: (what: RoomCount, by: number) => void;
}

export type RoomCount =
  | "deliveries"
  | "resumes"
  | "acked"
  /** Refused for good, or ended without an answer. */
  | "given up";

/**
 * Follows one room with a client of the product's own, over whatever transport, and records what its
 * application is told and what becomes of what it publishes, for `checkHistory`. Bodies must differ from one
 * another.
 */
export class RoomRecorder {
  /** Publishes that have no answer yet. */
  unanswered = 0;
  /** Times that a chain began or began again. */
  subscribedCount = 0;
  /** `at` of a message that was below the one before it. */
  readonly fallenTimes: string[] = [];
  readonly #options: RoomRecorderOptions;
  readonly #room: ClientRoom;
  #position: Position | null = null;
  #watchers: (() => void)[] = [];
  #lastAt = 0;
  /** Of the chain that `#lastAt` is of: another history has times of its own. */
  #lastEpoch = "";
  /** Of the publishes that the outbox took. */
  #newestSeq = 0;

  constructor(options: RoomRecorderOptions) {
    const { client, name: subscriber, room, subscribe = { last: 500 } } = options;
    this.#options = options;
    this.#room = client.room(room);
    this.#room.on("subscribed", ({ epoch, after, lost, skipped }) => {
      const cursor = this.#position;
      if (cursor !== null) this.#count("resumes", 1);
      // A chain may begin again before what was told already: that does not come again.
      const isGoneOn = cursor?.epoch === epoch && !(lost !== null && "epoch" in lost);
      const from = isGoneOn ? Math.max(cursor.offset, after) : after;
      this.#record({ kind: "subscribed", subscriber, room, cursor, epoch, after: from, lost, skipped });
      this.subscribedCount += 1;
      if (epoch !== this.#lastEpoch) this.#lastAt = 0;
      this.#lastEpoch = epoch;
      this.#moveTo({ epoch, offset: from });
    });
    this.#room.on("messages", (messages) => this.#take(messages));
    this.#room.on("unsubscribed", () => this.left());
    this.#room.subscribe(subscribe);
  }

  /** Offset of the newest message that it was told; 0 before the first. */
  get offset(): number {
    return this.#position?.offset ?? 0;
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

  /**
   * Publishes, and fulfils once that is answered for good, whatever the answer is: the checker judges it. Rejects
   * where the client's outbox does not take it. Nobody else may publish to the room with this client.
   */
  async publish(body: unknown): Promise<void> {
    const { room, client } = this.#options;
    const published = this.#room.publish(body);
    // Asked once: to show it, the client makes every body in it anew.
    const seq = this.#room.outbox.at(-1)?.seq;
    if (seq === undefined || seq <= this.#newestSeq) {
      // Not taken into the outbox at all, so nobody may ever see it: its sender is told why.
      await published;
      return;
    }
    this.#newestSeq = seq;
    const about = { kind: "publish", room, producer: client.producer, seq } as const;
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

  /** Fulfils when it was told the message at that offset, or is behind it. */
  async reaches(offset: number): Promise<void> {
    while (this.offset < offset) await new Promise<void>((resolve) => this.#watchers.push(resolve));
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
    this.#count("deliveries", entries.length);
    this.#moveTo({ epoch, offset: entries.at(-1)?.offset ?? after });
  }

  #moveTo(position: Position): void {
    this.#position = position;
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }

  #keep(text: string): string {
    return this.#options.keep?.(text) ?? text;
  }

  #count(what: RoomCount, by: number): void {
    this.#options.count?.(what, by);
  }

  #record(event: HistoryEvent): void {
    this.#options.recorder.add(event);
  }
}

/** Where an earlier sending may have been stored the sentence says so, whatever the code. */
function isSurelyNotStored(error: unknown): boolean {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const mayBeStored = /may (or may not )?have been stored/.test(String(message));
  return isErrorCode(code) && isPermanentRefusal(code) && !mayBeStored;
}
