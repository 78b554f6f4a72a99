interface Closable {
  readonly name: string;
  close(): void;
}

/** What is open for each room while somebody here uses it: there with its first user, closed with its last. */
export class SharedRooms<Shared extends Closable> {
  readonly #open: (name: string) => Shared;
  readonly #entries = new Map<string, { readonly room: Shared; users: number }>();

  constructor(open: (name: string) => Shared) {
    this.#open = open;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(name: string): Shared | undefined {
    return this.#entries.get(name)?.room;
  }

  /** Opens the room, or shares it; every `acquire` needs one `release`. */
  acquire(name: string): Shared {
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      entry = { room: this.#open(name), users: 0 };
      this.#entries.set(name, entry);
    }
    entry.users += 1;
    return entry.room;
  }

  /** Whether that was its last user, so that it is closed now. */
  release(room: Shared): boolean {
    const entry = this.#entries.get(room.name);
    if (entry?.room !== room) return false;
    entry.users -= 1;
    if (entry.users > 0) return false;
    this.#entries.delete(room.name);
    room.close();
    return true;
  }

  close(): void {
    for (const { room } of this.#entries.values()) room.close();
    this.#entries.clear();
  }
}
