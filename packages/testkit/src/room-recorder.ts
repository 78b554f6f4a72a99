import type { ClientRoom, ParlorClient, SubscribeOptions } from "@parlor/client";
import { isPermanentRefusal, type Message, type Position } from "@parlor/protocol";
import { entryOf, type HistoryRecorder } from "./history-recorder.ts";

export interface RoomRecorderOptions {
  readonly client: ParlorClient;
  readonly room: string;
  /** Unique in the run. */
  readonly name: string;
  readonly recorder: HistoryRecorder;
  /** Where it begins. @default { last: 500 } */
  readonly subscribe?: SubscribeOptions;
}

/**
 * Follows one room with a client of the product's own, over whatever transport, and records what its
 * application is told and what becomes of what it publishes, for `checkHistory`. Bodies must differ from one
 * another.
 */
export class RoomRecorder {
  readonly #options: RoomRecorderOptions;
  readonly #room: ClientRoom;
  #position: Position | null = null;
  #watchers: (() => void)[] = [];
  /** Times that a chain began or began again. */
  subscribedCount = 0;

  constructor(options: RoomRecorderOptions) {
    const { client, name, room, recorder } = options;
    this.#options = options;
    this.#room = client.room(room);
    this.#room.on("subscribed", ({ epoch, after, lost, skipped }) => {
      const cursor = this.#position;
      recorder.add({ kind: "subscribed", subscriber: name, room, cursor, epoch, after, lost, skipped });
      this.#position = { epoch, offset: after };
      this.subscribedCount += 1;
      this.#tellWatchers();
    });
    this.#room.on("messages", (messages) => this.#take(messages));
    this.#room.subscribe(options.subscribe ?? { last: 500 });
  }

  /** Offset of the newest message that it was told; 0 before the first. */
  get offset(): number {
    return this.#position?.offset ?? 0;
  }

  /** Publishes, and fulfils once that is answered for good, whatever the answer is: the checker judges it. */
  async publish(body: unknown): Promise<void> {
    const { client, recorder, room } = this.#options;
    const lastBefore = this.#room.outbox.at(-1)?.seq;
    const published = this.#room.publish(body);
    const seq = this.#room.outbox.at(-1)?.seq;
    if (seq === undefined || seq === lastBefore) {
      // Not taken into the outbox at all, so nobody may ever see it: its sender is told why.
      await published;
      return;
    }
    const about = { kind: "publish", room, producer: client.producer, seq } as const;
    recorder.add({ ...about, outcome: "invoke", body: JSON.stringify(body) ?? "" });
    try {
      const { epoch, offset } = await published;
      recorder.add({ ...about, outcome: "ok", epoch: epoch === "" ? null : epoch, offset });
    } catch (error) {
      const code = (error as { readonly code?: unknown }).code;
      const isFinal = typeof code === "string" && isPermanentRefusal(code as never);
      recorder.add({ ...about, outcome: isFinal ? "fail" : "info" });
    }
  }

  /** Fulfils when it was told the message at that offset, or is behind it. */
  async reaches(offset: number): Promise<void> {
    while (this.offset < offset) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  #take(messages: readonly Message[]): void {
    const { name, room, recorder } = this.#options;
    const { epoch = "(none)", offset: after = 0 } = this.#position ?? {};
    const entries = messages.map(entryOf);
    recorder.add({ kind: "messages", subscriber: name, room, epoch, after, entries });
    this.#position = { epoch, offset: entries.at(-1)?.offset ?? after };
    this.#tellWatchers();
  }

  #tellWatchers(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }
}
