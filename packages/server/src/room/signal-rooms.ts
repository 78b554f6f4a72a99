import { SharedRooms } from "./shared-rooms.ts";
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
  readonly #rooms: SharedRooms<SignalRoom>;

  constructor(deps: SignalRoomDeps, tickOf: TickOf) {
    this.#deps = deps;
    this.#rooms = new SharedRooms((name) => new SignalRoom(name, tickOf(name), deps));
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
    return this.#rooms.acquire(name);
  }

  release(room: SignalRoom): void {
    this.#rooms.release(room);
  }

  /** Whether it is this process's own code that says it. */
  isOwn({ from, producer }: Signal): boolean {
    const { server } = this.#deps;
    return from === server.from && producer === server.producer;
  }

  close(): void {
    this.#rooms.close();
  }
}
