import type { RoomModel } from "./room-model.ts";

/**
 * The rooms that this page has open, the one visited last at the end. They stay subscribed, so that
 * coming back shows them as they are; the oldest are closed, but never one that holds unsent words.
 */
export class VisitedRooms {
  readonly #rooms = new Map<string, RoomModel>();
  readonly #open: (name: string) => RoomModel;
  readonly #onClose: (name: string) => void;
  readonly #maxRooms: number;

  constructor(open: (name: string) => RoomModel, onClose: (name: string) => void, maxRooms = 12) {
    this.#open = open;
    this.#onClose = onClose;
    this.#maxRooms = maxRooms;
  }

  visit(name: string): RoomModel {
    const room = this.#rooms.get(name) ?? this.#open(name);
    this.#rooms.delete(name);
    this.#rooms.set(name, room);
    this.#closeOldest();
    return room;
  }

  all(): Iterable<RoomModel> {
    return this.#rooms.values();
  }

  #closeOldest(): void {
    for (const [name, room] of this.#rooms) {
      if (this.#rooms.size <= this.#maxRooms) return;
      if (room.holdsUnsent) continue;
      room.close();
      this.#rooms.delete(name);
      this.#onClose(name);
    }
  }
}
