import { createHash } from "node:crypto";
import { ParlorClient, type TransportKind } from "@parlor/client";
import { msgpack } from "@parlor/msgpack";
import { type HistoryEvent, RoomRecorder } from "@parlor/testkit";
import type { Tally } from "./tally.ts";

export interface MemberOptions {
  readonly url: string;
  readonly name: string;
  readonly room: string;
  readonly kind: TransportKind;
  /** Whether it speaks MessagePack over its WebSocket. */
  readonly isBinary: boolean;
  readonly tally: Tally;
  readonly record: (event: HistoryEvent) => void;
}

/** Bodies above this are remembered by their hash. */
const MAX_KEPT_CHARACTERS = 100;

/** One client of the product's own in one room, and everything that it saw there, for the checker. */
export class Member {
  readonly client: ParlorClient;
  readonly name: string;
  readonly room: string;
  readonly #tally: Tally;
  readonly #recorded: RoomRecorder;
  #wasOpen = false;

  constructor({ url, name, room, kind, isBinary, tally, record }: MemberOptions) {
    this.#tally = tally;
    this.name = name;
    this.room = room;
    // Whoever says much at once has it all waiting for its acks.
    const outbox = { maxOutboxCount: Infinity, maxOutboxBytes: Infinity };
    this.client = new ParlorClient(url, {
      transports: [kind],
      encoding: isBinary ? msgpack : undefined,
      ...outbox,
    });
    this.client.on("state", ({ kind: state }) => {
      if (this.#wasOpen && state !== "open") tally.add("disconnects");
      this.#wasOpen = state === "open";
    });
    const count = tally.add.bind(tally);
    const recorder = { add: record };
    this.#recorded = new RoomRecorder({
      client: this.client,
      ...{ name, room, recorder, keep: kept, count, subscribe: {} },
    });
  }

  get offset(): number {
    return this.#recorded.offset;
  }

  /** Publishes that have no answer yet. */
  get unanswered(): number {
    return this.#recorded.unanswered;
  }

  /** `at` of a message that was below the one before it. */
  get fallenTimes(): readonly string[] {
    return this.#recorded.fallenTimes;
  }

  /** Whether the server said for now no to something that this member wants to say. */
  get isRefused(): boolean {
    return this.client.room(this.room).outbox.some(({ state }) => typeof state === "object");
  }

  /** Says something, and fulfils when that is answered for good. */
  async publish(body: string): Promise<void> {
    try {
      await this.#recorded.publish(body);
    } catch {
      this.#tally.add("not taken");
    }
  }
}

export function kept(text: string): string {
  return text.length <= MAX_KEPT_CHARACTERS ? text : createHash("sha256").update(text).digest("base64");
}
