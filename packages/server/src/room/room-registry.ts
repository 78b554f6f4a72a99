import type { TimerHandle } from "@parlor/base";
import { KeptReads } from "./kept-reads.ts";
import { NewestPages } from "./newest-pages.ts";
import { ReadPace } from "./read-pace.ts";
import { ReadTurns } from "./read-turns.ts";
import { Room } from "./room.ts";
import type { RoomDeps } from "./room-deps.ts";

/** How long a room stays open behind its last subscriber: who reloads a page finds it as it was. */
const LINGER_MS = 30_000;
/** Rooms that stay so; the one that was left first is closed for one more. */
const MAX_LINGERING = 256;

interface Entry {
  users: number;
  readonly opening: Promise<Room>;
  room: Room | null;
}

/**
 * The rooms that somebody subscribes to now. A room opens with its first subscriber and closes with its
 * last, or a moment later, so the number of rooms in memory is bounded by the number of subscriptions and a
 * constant, whoever names them.
 */
export class RoomRegistry {
  /** What is read of the log for history counts in it, too. */
  readonly pace: ReadPace;
  readonly #deps: RoomDeps;
  readonly #rooms = new Map<string, Entry>();
  /** Those of them that nobody subscribes to, in the order in which they were left. */
  readonly #lingering = new Map<string, TimerHandle>();
  readonly #mayLinger: boolean;

  /** @param mayLinger Rooms stay open for a moment behind their last subscriber. */
  constructor(
    deps: Omit<RoomDeps, "readTurns" | "newestPages" | "keptReads"> & Partial<Pick<RoomDeps, "keptReads">>,
    mayLinger = false,
  ) {
    this.pace = new ReadPace(deps.clock, deps.counters);
    this.#deps = {
      readTurns: new ReadTurns(this.pace),
      newestPages: new NewestPages(),
      keptReads: new KeptReads(),
      ...deps,
    };
    this.#mayLinger = mayLinger;
  }

  /**
   * Opens the room, or shares it; every `acquire` that fulfils needs one `release`.
   *
   * @param newest As of `Room.open`.
   * @param group As of `Room.open`.
   */
  async acquire(name: string, newest?: number, group?: string): Promise<Room> {
    let entry = this.#rooms.get(name);
    if (entry === undefined) {
      entry = { users: 0, opening: Room.open(name, this.#deps, newest, group), room: null };
      this.#rooms.set(name, entry);
    }
    entry.users += 1;
    this.#linger(name, null);
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

  get size(): number {
    return this.#rooms.size - this.#lingering.size;
  }

  /** Open rooms, with what the status page shows of each. */
  *open(): Generator<Room> {
    for (const { users, room } of this.#rooms.values()) if (room !== null && users > 0) yield room;
  }

  close(): void {
    for (const name of [...this.#lingering.keys()]) this.#linger(name, null);
    for (const { room } of this.#rooms.values()) room?.close();
    this.#rooms.clear();
  }

  #leave(name: string, entry: Entry): void {
    entry.users -= 1;
    if (entry.users > 0) return;
    if (!this.#mayLinger || entry.room === null || this.#rooms.get(name) !== entry)
      return this.#close(name, entry);
    this.#linger(
      name,
      this.#deps.clock.after(LINGER_MS, () => this.#close(name, entry)),
    );
    const [oldest = ""] = this.#lingering.keys();
    const eldest = this.#rooms.get(oldest);
    if (this.#lingering.size > MAX_LINGERING && eldest !== undefined) this.#close(oldest, eldest);
  }

  #close(name: string, entry: Entry): void {
    entry.room?.close();
    if (this.#rooms.get(name) !== entry) return;
    this.#rooms.delete(name);
    this.#linger(name, null);
  }

  /** @param timer At whose end it is closed; null where somebody is there again, or it is closed. */
  #linger(name: string, timer: TimerHandle | null): void {
    const before = this.#lingering.get(name);
    if (before !== undefined) this.#deps.clock.cancel(before);
    this.#lingering.delete(name);
    if (timer !== null) this.#lingering.set(name, timer);
  }
}
