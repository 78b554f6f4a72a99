import { createHash } from "node:crypto";
import { ParlorClient, type TransportKind } from "@parlor/client";
import { isPermanentRefusal, type Message, type Position } from "@parlor/protocol";
import type { HistoryEntry, HistoryEvent } from "@parlor/testkit";
import type { Tally } from "./tally.ts";

export interface MemberOptions {
  readonly url: string;
  readonly name: string;
  readonly room: string;
  readonly kind: TransportKind;
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
  /** Publishes that have no answer yet. */
  unanswered = 0;
  /** `at` of a message that was below the one before it. */
  readonly fallenTimes: string[] = [];
  readonly #options: MemberOptions;
  #position: Position | null = null;
  #lastAt = 0;
  #wasOpen = false;

  constructor(options: MemberOptions) {
    const { url, name, room, kind, tally } = options;
    this.#options = options;
    this.name = name;
    this.room = room;
    // Whoever says much at once has it all waiting for its acks.
    const outbox = { maxOutboxCount: Infinity, maxOutboxBytes: Infinity };
    this.client = new ParlorClient(url, { transports: [kind], ...outbox });
    this.client.on("state", ({ kind: state }) => {
      if (this.#wasOpen && state !== "open") tally.add("disconnects");
      this.#wasOpen = state === "open";
    });
    const followed = this.client.room(room);
    followed.on("subscribed", ({ epoch, after, lost, skipped }) => {
      const cursor = this.#position;
      if (cursor !== null) tally.add("resumes");
      this.#record({ kind: "subscribed", subscriber: name, room, cursor, epoch, after, lost, skipped });
      this.#position = { epoch, offset: after };
    });
    followed.on("messages", (messages) => this.#take(messages));
    followed.subscribe();
  }

  get offset(): number {
    return this.#position?.offset ?? 0;
  }

  /** Whether the server said for now no to something that this member wants to say. */
  get isRefused(): boolean {
    return this.client.room(this.room).outbox.some(({ state }) => typeof state === "object");
  }

  /** Says something, and fulfils when that is answered for good. */
  async publish(body: string): Promise<void> {
    const { room } = this;
    const { tally } = this.#options;
    const { producer } = this.client;
    const told = this.client.room(room);
    const lastBefore = told.outbox.at(-1)?.seq;
    const published = told.publish(body);
    const seq = told.outbox.at(-1)?.seq;
    if (seq === undefined || seq === lastBefore) {
      // Not taken into the outbox at all, so nobody may ever see it.
      tally.add("not taken");
      await published.catch(() => undefined);
      return;
    }
    const about = { kind: "publish", room, producer, seq } as const;
    this.#record({ ...about, outcome: "invoke", body: kept(body) });
    this.unanswered += 1;
    try {
      const { epoch, offset } = await published;
      tally.add("acked");
      this.#record({ ...about, outcome: "ok", epoch: epoch === "" ? null : epoch, offset });
    } catch (error) {
      const code = (error as { readonly code?: unknown }).code;
      const isFinal = typeof code === "string" && isPermanentRefusal(code as never);
      tally.add("given up");
      this.#record({ ...about, outcome: isFinal ? "fail" : "info" });
    } finally {
      this.unanswered -= 1;
    }
  }

  #take(messages: readonly Message[]): void {
    const position = this.#position;
    if (position === null) throw new Error(`${this.name} was told messages before its chain began`);
    const entries = messages.map(entryOf);
    this.#record({
      kind: "messages",
      subscriber: this.name,
      room: this.room,
      epoch: position.epoch,
      after: position.offset,
      entries,
    });
    for (const { at, offset } of messages) {
      if (at < this.#lastAt) this.fallenTimes.push(`${this.name} saw time fall at offset ${offset}`);
      this.#lastAt = at;
    }
    this.#position = { epoch: position.epoch, offset: entries.at(-1)?.offset ?? position.offset };
    this.#options.tally.add("deliveries", entries.length);
  }

  #record(event: HistoryEvent): void {
    this.#options.record(event);
  }
}

export function entryOf({ offset, producer, seq, body, redacted }: Message): HistoryEntry {
  return { offset, producer, seq, body: redacted === true ? null : kept(body) };
}

function kept(body: unknown): string {
  const text = JSON.stringify(body) ?? "";
  return text.length <= MAX_KEPT_CHARACTERS ? text : createHash("sha256").update(text).digest("base64");
}
