import { packSignal, type Signal, signalChannel } from "./signal.ts";
import { SignalRoom, type SignalRoomDeps, type SignalTick } from "./signal-room.ts";

/** How often a room's signals go out; null for at once. */
export type TickOf = (room: string) => SignalTick | null;

/**
 * The rooms whose signals somebody here wants. One is there with its first reader and gone with its last, so
 * their number is bounded by that of subscriptions, whoever names rooms.
 */
export class SignalRooms {
  readonly #deps: SignalRoomDeps;
  readonly #tickOf: TickOf;
  readonly #rooms = new Map<string, { readonly room: SignalRoom; users: number }>();

  constructor(deps: SignalRoomDeps, tickOf: TickOf) {
    this.#deps = deps;
    this.#tickOf = tickOf;
  }

  get size(): number {
    return this.#rooms.size;
  }

  /** Tells a signal to all who want it, in every process; nobody learns whether somebody did. */
  send(room: string, signal: Signal): void {
    this.#deps.counters.signals += 1;
    this.#deps.bus.send(signalChannel(room), packSignal(signal));
  }

  /** As `@server`, which is one sender in each process. */
  sendOfServer(room: string, bodyJson: string): void {
    this.send(room, { ...this.#deps.server, bodyJson });
  }

  /** Opens the room's signals, or shares them; every `acquire` needs one `release`. */
  acquire(name: string): SignalRoom {
    let entry = this.#rooms.get(name);
    if (entry === undefined) {
      entry = { room: new SignalRoom(name, this.#tickOf(name), this.#deps), users: 0 };
      this.#rooms.set(name, entry);
    }
    entry.users += 1;
    return entry.room;
  }

  release(room: SignalRoom): void {
    const entry = this.#rooms.get(room.name);
    if (entry?.room !== room) return;
    entry.users -= 1;
    if (entry.users > 0) return;
    this.#rooms.delete(room.name);
    room.close();
  }

  /** Whether it is this process's own code that says it. */
  isOwn({ from, producer }: Signal): boolean {
    const { server } = this.#deps;
    return from === server.from && producer === server.producer;
  }

  close(): void {
    for (const { room } of this.#rooms.values()) room.close();
    this.#rooms.clear();
  }
}
