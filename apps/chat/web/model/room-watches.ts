import type { ParlorClient, Position } from "@parlor/client";
import type { Message } from "@parlor/protocol";
import { computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import { Loaded } from "./loaded.ts";
import type { RoomWatch } from "./room-watch.ts";
import type { UnreadCount } from "./unread.ts";
import type { YourRoom, YourRooms } from "./your-rooms.ts";

/** What counts comes a moment after the page. */
const counting = new Loaded(() => import("./counting.ts"));

/** Rooms whose counts are live: those visited last. The others show what the server counted at the beginning. */
export const MAX_WATCHED = 40;

export interface RoomWatchesOptions {
  readonly client: ParlorClient;
  readonly rooms: YourRooms;
  readonly identity: () => string | null;
  /** The name that one is spoken to by; null for none. */
  readonly name: () => string | null;
  readonly isMention: (message: Message) => boolean;
  /** Somebody is mentioned just now, read or not. */
  readonly onMention: (room: string, message: Message) => void;
  /** Wall clock, ms since 1970. */
  readonly now: () => number;
}

type Counting = typeof import("./counting.ts");

/** One of your rooms with what is unread of it. */
export interface ListedRoom {
  readonly name: string;
  readonly unread: UnreadCount;
}

const NOTHING: UnreadCount = Object.freeze({ text: "", count: 0, mentions: 0 });

/** The watches over one's rooms: which there are follows the list, what each counts follows the log. */
export class RoomWatches {
  readonly listed: ReadonlySignal<readonly ListedRoom[]>;
  /** The room whose newest end somebody has before their eyes: what comes there is never unread. */
  readonly beingRead = signal<string | null>(null);
  readonly #options: RoomWatchesOptions;
  readonly #watches = signal<ReadonlyMap<string, RoomWatch>>(new Map());
  /** Rooms that are open, and so subscribed to by those who opened them. */
  readonly #open = new Set<string>();
  #hasBegun = false;

  constructor(options: RoomWatchesOptions) {
    this.#options = options;
    let listed: readonly ListedRoom[] = [];
    this.listed = computed(() => {
      const now = options.rooms.list.value.map(({ name }) => ({ name, unread: this.#unreadOf(name) }));
      // The same list where nothing of it changed: in a lively room that is asked ten times a second.
      if (!isSameList(listed, now)) listed = now;
      return listed;
    });
  }

  /** Watches from now on, behind what the server has counted; again it changes nothing. */
  async begin(): Promise<void> {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { client, rooms, name } = this.#options;
    const part = await counting.get();
    // It is begun again with the next connection.
    this.#hasBegun = part !== null;
    if (part === null) return;
    // What is read and what comes to open rooms is noted from now on.
    this.#follow(rooms.list.peek(), part, false);
    for (const each of await part.askUnread(client, rooms.list.peek(), name())) {
      const watch = this.#watches.peek().get(each.room);
      watch?.fold((unread) => part.afterTold(unread, each));
    }
    effect(() => {
      const list = rooms.list.value;
      untracked(() => this.#follow(list, part));
    });
  }

  /** Called before a room is opened: from then on its messages come for whoever has it open. */
  release(name: string): void {
    this.#open.add(name);
    this.#watches.peek().get(name)?.release();
  }

  /** Called when it was closed again. */
  resume(name: string): void {
    this.#open.delete(name);
    this.#watches.peek().get(name)?.subscribe();
  }

  read(name: string, position: Position): void {
    const watch = this.#watches.peek().get(name);
    if (watch === undefined) this.#options.rooms.read(name, position);
    else watch.read(position);
  }

  #unreadOf(name: string): UnreadCount {
    const watch = this.#watches.value.get(name);
    return watch === undefined || name === this.beingRead.value ? NOTHING : watch.count.value;
  }

  #follow(list: readonly YourRoom[], part: Counting, isLive = true): void {
    const newest = list.toSorted((a, b) => b.visitedAt - a.visitedAt);
    const watches = new Map<string, RoomWatch>();
    const before = this.#watches.peek();
    for (const [nth, { name, read }] of newest.entries()) {
      const watch = before.get(name) ?? this.#watch(name, part);
      watches.set(name, watch);
      if (read !== null) watch.read(read);
      if (!isLive || this.#open.has(name)) continue;
      if (nth < MAX_WATCHED) watch.subscribe();
      else watch.release();
    }
    for (const [name, watch] of before) if (!watches.has(name)) watch.close();
    this.#watches.value = watches;
  }

  #watch(name: string, part: Counting): RoomWatch {
    const { client, rooms, identity, isMention, onMention, now } = this.#options;
    return new part.RoomWatch({
      room: client.room(name),
      read: rooms.readTo(name),
      identity,
      isMention,
      onMention: (message) => onMention(name, message),
      onRead: (position) => rooms.read(name, position),
      now,
    });
  }
}

function isSameList(a: readonly ListedRoom[], b: readonly ListedRoom[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, unread }, index) => {
      const other = b[index];
      return (
        other?.name === name &&
        other.unread.text === unread.text &&
        other.unread.count === unread.count &&
        other.unread.mentions === unread.mentions
      );
    })
  );
}
