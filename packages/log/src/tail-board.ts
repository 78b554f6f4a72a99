import type { RoomChange, Tail, TailEvent } from "./room-log.ts";

type Listener = (event: TailEvent) => void;
type Watcher = (change: RoomChange) => void;

/** Who follows which room: tells each event to the room's listeners, in the order of the calls. */
export class TailBoard {
  readonly #rooms = new Map<string, Set<Listener>>();
  readonly #watchers = new Set<Watcher>();

  /** Whether anybody is to be told of the room. Nothing need be built for one that nobody follows. */
  hasListener(room: string): boolean {
    return this.#watchers.size > 0 || this.#rooms.has(room);
  }

  /** Tells of every room, without messages. */
  watch(listener: Watcher): Tail {
    const own: Watcher = (change) => listener(change);
    this.#watchers.add(own);
    return { close: () => void this.#watchers.delete(own) };
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
    for (const listener of this.#rooms.get(room) ?? []) listener(event);
    if (this.#watchers.size === 0) return;
    const change = changeOf(room, event);
    if (change !== null) this.tellChange(change);
  }

  tellChange(change: RoomChange): void {
    for (const watcher of this.#watchers) watcher(change);
  }

  clear(): void {
    for (const listeners of this.#rooms.values()) listeners.clear();
    this.#rooms.clear();
    this.#watchers.clear();
  }
}

/** Null where a room's followers missed something: whoever lost the events tells the watchers for all rooms. */
function changeOf(room: string, event: TailEvent): RoomChange | null {
  switch (event.kind) {
    case "messages": {
      const last = event.messages.at(-1);
      return last === undefined ? null : { kind: "written", room, epoch: event.epoch, head: last.offset };
    }
    case "redacted":
      return { kind: "redacted", room, offset: event.offset };
    case "trimmed":
      return { kind: "trimmed", room, earliest: event.earliest };
    case "deleted":
      return { kind: "deleted", room };
    case "missed":
      return null;
  }
}
