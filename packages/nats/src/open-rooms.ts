import type { Clock } from "@parlor/base";
import { OpenRoom, type RoomSurroundings } from "./open-room.ts";
import type { Subjects } from "./subjects.ts";

/** The rooms that this node keeps up with: those in use, and those used lately. */
export class OpenRooms {
  readonly #around: RoomSurroundings;
  readonly #subjects: Subjects;
  readonly #clock: Clock;
  readonly #maxIdle: number;
  /** The least recently used first. */
  readonly #rooms = new Map<string, OpenRoom>();

  constructor(around: RoomSurroundings, subjects: Subjects, maxIdle: number) {
    this.#around = around;
    this.#subjects = subjects;
    this.#clock = around.clock;
    this.#maxIdle = maxIdle;
  }

  get size(): number {
    return this.#rooms.size;
  }

  all(): readonly OpenRoom[] {
    return [...this.#rooms.values()];
  }

  has(name: string): boolean {
    return this.#rooms.has(name);
  }

  /** The room, opened if need be. It stays until `leave`. */
  enter(name: string, tellFrom?: number): OpenRoom {
    const known = this.#rooms.get(name);
    const room = known ?? new OpenRoom(name, this.#subjects.room(name), this.#around, tellFrom);
    if (known === undefined) {
      room.ready().catch(() => this.#drop(room));
      this.#letGo(this.#rooms.size + 1 - this.#maxIdle);
    } else {
      this.#rooms.delete(name);
    }
    this.#rooms.set(name, room);
    room.users += 1;
    return room;
  }

  leave(room: OpenRoom): void {
    room.users -= 1;
    room.usedAt = this.#clock.monotonic();
  }

  /** Lets go of what was not used for so long. */
  letGoIdle(idleMs: number): void {
    const usedBefore = this.#clock.monotonic() - idleMs;
    for (const room of this.#rooms.values()) {
      if (room.usedAt < usedBefore && isIdle(room)) this.#drop(room);
    }
  }

  closeAll(): void {
    for (const room of this.#rooms.values()) room.close();
    this.#rooms.clear();
  }

  #letGo(count: number): void {
    let left = count;
    for (const room of this.#rooms.values()) {
      if (left <= 0) break;
      if (!isIdle(room)) continue;
      this.#drop(room);
      left -= 1;
    }
  }

  #drop(room: OpenRoom): void {
    if (this.#rooms.get(room.name) === room) this.#rooms.delete(room.name);
    room.close();
  }
}

function isIdle(room: OpenRoom): boolean {
  return room.users === 0 && !room.proposer.isBusy;
}
