import type { ParlorClient } from "@parlor/client";
import type { Message } from "@parlor/protocol";
import type { KeptTexts } from "./kept-texts.ts";
import { RoomModel, type RoomModelOptions } from "./room-model.ts";
import { RoomWatches, type ListedRoom } from "./room-watches.ts";
import { nextUnread } from "./room-search.ts";
import { VisitedRooms } from "./visited-rooms.ts";
import { YOUR_ROOMS_KEY, YourRooms } from "./your-rooms.ts";

export interface RoomsOptions {
  readonly client: ParlorClient;
  readonly texts: KeptTexts;
  readonly self: RoomModelOptions["self"];
  readonly now: () => number;
  /** The name that one is spoken to by; null for none. */
  readonly ownName: () => string | null;
  readonly isMention: (message: Message) => boolean;
  /** Somebody is mentioned just now, read or not. */
  readonly onMention: (room: string, message: Message) => void;
  /** The room was opened for the first time since the page was, or since it was closed. */
  readonly onOpen: (room: RoomModel) => void;
  /** It was taken off the list. */
  readonly onForget: (name: string) => void;
}

/** All rooms of the page: those on the list, those watched for what is unread, and those that are open. */
export class Rooms {
  readonly #options: RoomsOptions;
  readonly #yours: YourRooms;
  readonly #watches: RoomWatches;
  readonly #visited: VisitedRooms;

  constructor(options: RoomsOptions) {
    const { client, texts, now, self, ownName, isMention, onMention } = options;
    this.#options = options;
    this.#yours = new YourRooms(texts, now);
    const identity = (): string | null => self.peek().identity;
    this.#watches = new RoomWatches({
      client,
      rooms: this.#yours,
      identity,
      name: ownName,
      isMention,
      onMention,
      now,
    });
    this.#visited = new VisitedRooms(
      (name) => this.#open(name),
      (name) => this.#watches.resume(name),
    );
    addEventListener("storage", ({ key }) => key === YOUR_ROOMS_KEY && this.#yours.refresh());
    addEventListener("pagehide", () => this.#yours.write());
  }

  /** Begins to count what is unread of the rooms that are not open. */
  watch(): void {
    void this.#watches.begin();
  }

  /** Your rooms by name, each with what is unread of it. */
  get listed(): RoomWatches["listed"] {
    return this.#watches.listed;
  }

  /** Tells which room somebody reads at its newest end; null for none. */
  tellReading(name: string | null): void {
    this.#watches.beingRead.value = name;
  }

  /** Opens a room, or comes back to it. */
  visit(name: string): RoomModel {
    return this.#visited.visit(name);
  }

  /** Puts a room on the list, or notes that it was visited again. */
  note(name: string): void {
    this.#yours.visit(name);
  }

  /** Whether a room is on the list. */
  isListed(name: string): boolean {
    return this.#yours.list.peek().some((room) => room.name === name);
  }

  /** Takes a room off the list; where it is open it stays so. */
  forget(name: string): void {
    this.#yours.forget(name);
    this.#options.onForget(name);
  }

  /** Rooms that are open, the one visited last at the end. */
  open(): Iterable<RoomModel> {
    return this.#visited.all();
  }

  /** Notes that all that the room shows at its newest end was seen. */
  seen(room: RoomModel): void {
    const { epoch, live } = room.timeline.value;
    if (epoch !== null && live !== null) this.#watches.read(room.name, { epoch, offset: live.to });
  }

  /** The next room on the list that has something unread, going round; null where there is none. */
  nextUnread(from: string | null, step: 1 | -1): ListedRoom | null {
    return nextUnread(this.listed.peek(), from, step);
  }

  #open(name: string): RoomModel {
    const { client, self, now, onOpen } = this.#options;
    // Before it is subscribed to anew: a subscription that is there would stay as it is.
    this.#watches.release(name);
    const unkept = (): string | null => client.outboxStorage?.reason ?? null;
    const read = this.#yours.readTo(name);
    const room = new RoomModel({ room: client.room(name), name, self, now, unkept, read });
    onOpen(room);
    return room;
  }
}
