import { CodedError, type Clock, type TimerHandle } from "@parlor/base";
import { sideRoom } from "@parlor/log";
import { StateRoom, type StateRoomDeps } from "./state-room.ts";

/** How long a state that nobody uses stays at hand, ms: whoever sets often needn't read it anew each time. */
const LINGER_MS = 10_000;

/** States that stay at hand without being used; the one that has waited longest goes. */
const MAX_LINGERING = 64;

/** Rooms whose state lives in memory alone, in one process. */
const MAX_VOLATILE_ROOMS = 1_000;

interface Entry {
  readonly opening: Promise<StateRoom>;
  users: number;
  timer: TimerHandle | null;
}

/** Where states are kept: with the log, or in this process alone. */
export interface StateStores {
  readonly durable: StateRoomDeps;
  /** Of the rooms of which `isVolatile` says that they are forgotten when this process ends; null for none. */
  readonly volatile: (StateRoomDeps & { readonly isVolatile: (room: string) => boolean }) | null;
}

/** The states that are read or set now; in memory for as long, and a moment more. */
export class StateRooms {
  readonly #stores: StateStores;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #lingering = new Set<string>();
  readonly #volatileRooms = new Set<string>();

  constructor(stores: StateStores, clock: Clock) {
    this.#stores = stores;
    this.#clock = clock;
  }

  /** Every `acquire` that fulfils needs one `release`; rejects as the log does. */
  async acquire(name: string): Promise<StateRoom> {
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      entry = { opening: StateRoom.open(name, this.#depsOf(name)), users: 0, timer: null };
      this.#entries.set(name, entry);
    }
    entry.users += 1;
    this.#lingering.delete(name);
    if (entry.timer !== null) this.#clock.cancel(entry.timer);
    entry.timer = null;
    try {
      return await entry.opening;
    } catch (error) {
      // The next one shall try again, and not be told of this.
      if (this.#entries.get(name) === entry) this.#entries.delete(name);
      throw error;
    }
  }

  release(room: { readonly name: string }): void {
    const entry = this.#entries.get(room.name);
    if (entry === undefined) return;
    entry.users -= 1;
    if (entry.users > 0) return;
    this.#lingering.add(room.name);
    entry.timer = this.#clock.after(LINGER_MS, () => this.#drop(room.name));
    const [oldest] = this.#lingering;
    if (this.#lingering.size > MAX_LINGERING && oldest !== undefined) this.#drop(oldest);
  }

  /** Forgets a room's state, as the room is deleted. */
  async delete(name: string): Promise<void> {
    await this.#storeOf(name).log.delete(sideRoom("state", name));
    this.#volatileRooms.delete(name);
  }

  close(): void {
    for (const name of [...this.#entries.keys()]) this.#drop(name);
    const { volatile } = this.#stores;
    volatile?.log.close().catch(volatile.onFault);
  }

  #storeOf(name: string): StateRoomDeps {
    const { durable, volatile } = this.#stores;
    return volatile?.isVolatile(name) === true ? volatile : durable;
  }

  #depsOf(name: string): StateRoomDeps {
    const deps = this.#storeOf(name);
    if (deps !== this.#stores.volatile) return deps;
    return {
      ...deps,
      append: async (append) => {
        if (!this.#volatileRooms.has(name) && this.#volatileRooms.size >= MAX_VOLATILE_ROOMS) {
          const message = `At most ${MAX_VOLATILE_ROOMS} rooms have a state in memory here.`;
          throw new CodedError("unavailable", message);
        }
        this.#volatileRooms.add(name);
        return await deps.append(append);
      },
    };
  }

  #drop(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    this.#lingering.delete(name);
    if (entry.timer !== null) this.#clock.cancel(entry.timer);
    // One that failed to open has nothing to close, and who asked for it was told.
    entry.opening.then(
      (room) => room.close(),
      () => undefined,
    );
  }
}
