import type { Tail, TailEvent } from "./room-log.ts";

type Listener = (event: TailEvent) => void;

/** Who follows which room: tells each event to the room's listeners, in the order of the calls. */
export class TailBoard {
  readonly #rooms = new Map<string, Set<Listener>>();

  /** Whether anybody follows the room. Nothing need be built for one that nobody follows. */
  hasListener(room: string): boolean {
    return this.#rooms.has(room);
  }

  follow(room: string, listener: Listener): Tail {
    // One function may follow twice; each following is told for itself.
    const own: Listener = (event) => listener(event);
    let listeners = this.#rooms.get(room);
    if (listeners === undefined) this.#rooms.set(room, (listeners = new Set()));
    listeners.add(own);
    return {
      close: () => {
        const current = this.#rooms.get(room);
        if (current?.delete(own) && current.size === 0) this.#rooms.delete(room);
      },
    };
  }

  /** A listener that closes itself or another one while being told is heeded at once. */
  tell(room: string, event: TailEvent): void {
    const listeners = this.#rooms.get(room);
    if (listeners === undefined) return;
    for (const listener of listeners) listener(event);
  }

  clear(): void {
    for (const listeners of this.#rooms.values()) listeners.clear();
    this.#rooms.clear();
  }
}
