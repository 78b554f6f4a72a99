import { ReadPace } from "./read-pace.ts";
import { ReadTurns } from "./read-turns.ts";
import { Room, type RoomDeps } from "./room.ts";

/**
 * The rooms that somebody subscribes to now. A room opens with its first subscriber and closes with its
 * last, so the number of rooms in memory is bounded by the number of subscriptions, whoever names them.
 */
export class RoomRegistry {
  /** What is read of the log for history counts in it, too. */
  readonly pace: ReadPace;
  readonly #deps: RoomDeps;
  readonly #rooms = new Map<string, { users: number; readonly opening: Promise<Room>; room: Room | null }>();

  constructor(deps: Omit<RoomDeps, "readTurns">) {
    this.pace = new ReadPace(deps.clock, deps.counters);
    this.#deps = { ...deps, readTurns: new ReadTurns(this.pace) };
  }

  /**
   * Opens the room, or shares it; every `acquire` that fulfils needs one `release`.
   *
   * @param newest As of `Room.open`.
   */
  async acquire(name: string, newest?: number): Promise<Room> {
    let entry = this.#rooms.get(name);
    if (entry === undefined) {
      entry = { users: 0, opening: Room.open(name, this.#deps, newest), room: null };
      this.#rooms.set(name, entry);
    }
    entry.users += 1;
    try {
      entry.room = await entry.opening;
      return entry.room;
    } catch (error) {
      this.#leave(name, entry);
      throw error;
    }
  }

  release(room: { readonly name: string }): void {
    const entry = this.#rooms.get(room.name);
    if (entry !== undefined) this.#leave(room.name, entry);
  }

  get(name: string): Room | undefined {
    return this.#rooms.get(name)?.room ?? undefined;
  }

  get size(): number {
    return this.#rooms.size;
  }

  /** Open rooms, with what the status page shows of each. */
  *open(): Generator<Room> {
    for (const entry of this.#rooms.values()) if (entry.room !== null) yield entry.room;
  }

  close(): void {
    for (const room of this.open()) room.close();
    this.#rooms.clear();
  }

  #leave(name: string, entry: { users: number; room: Room | null }): void {
    entry.users -= 1;
    if (entry.users > 0) return;
    entry.room?.close();
    if (this.#rooms.get(name) === entry) this.#rooms.delete(name);
  }
}
