import type { TimerHandle } from "@parlor/base";
import { RECENT_MS } from "./recent-signals.ts";
import { SharedRooms } from "./shared-rooms.ts";
import { packSignal, type Signal, signalChannel } from "./signal.ts";
import { SignalRoom, type SignalRoomDeps, type SignalTick } from "./signal-room.ts";

/** Rooms whose last signals are kept: 32 MiB in all. Who polls the one that is forgotten first hears what comes while it polls. */
const MAX_KEPT_ROOMS = 1_000;

/** How often a room's signals go out; null for at once. */
export type TickOf = (room: string) => SignalTick | null;

/**
 * The rooms whose signals somebody here wants. One is there with its first reader and gone with its last, so
 * their number is bounded by that of subscriptions, whoever names rooms.
 */
export class SignalRooms {
  /** Those that somebody polls and whose last signals are kept until the next poll, the longest waiting first. */
  readonly #kept = new Map<SignalRoom, TimerHandle>();
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

  /** Keeps the last of an open room's signals for a moment, for who polls it: `mark` is where the next poll goes on. */
  keepRecent(room: SignalRoom): void {
    const timer = this.#kept.get(room);
    if (timer !== undefined) this.#deps.clock.cancel(timer);
    else this.#rooms.acquire(room.name).keepRecent(true);
    this.#kept.delete(room);
    this.#kept.set(
      room,
      this.#deps.clock.after(RECENT_MS, () => this.#forget(room)),
    );
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > MAX_KEPT_ROOMS) this.#forget(oldest);
  }

  #forget(room: SignalRoom): void {
    const timer = this.#kept.get(room);
    if (timer === undefined) return;
    this.#deps.clock.cancel(timer);
    this.#kept.delete(room);
    room.keepRecent(false);
    this.#rooms.release(room);
  }

  /** Whether it is this process's own code that says it. */
  isOwn({ from, producer }: Signal): boolean {
    const { server } = this.#deps;
    return from === server.from && producer === server.producer;
  }

  close(): void {
    for (const room of [...this.#kept.keys()]) this.#forget(room);
    this.#rooms.close();
  }
}
