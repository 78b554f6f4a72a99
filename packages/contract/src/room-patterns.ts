/** Finds what is declared of a room: under its name, or else under the longest beginning of it. */
export class RoomPatterns<Room> {
  readonly #exact = new Map<string, Room>();
  /** Longest first. */
  readonly #beginnings: (readonly [beginning: string, pattern: string, room: Room])[] = [];

  constructor(rooms: Readonly<Record<string, Room>> = {}) {
    for (const [pattern, room] of Object.entries(rooms)) {
      const star = pattern.indexOf("*");
      if (star === -1) this.#exact.set(pattern, room);
      else if (star === pattern.length - 1) this.#beginnings.push([pattern.slice(0, -1), pattern, room]);
      else
        throw new TypeError(`A room's pattern has a * at its end alone; ${JSON.stringify(pattern)} has not.`);
    }
    this.#beginnings.sort(([a], [b]) => b.length - a.length);
  }

  /** With the pattern that fits; null where none does. */
  find(name: string): { readonly pattern: string; readonly room: Room } | null {
    const room = this.#exact.get(name);
    if (room !== undefined) return { pattern: name, room };
    for (const [beginning, pattern, found] of this.#beginnings) {
      if (name.startsWith(beginning)) return { pattern, room: found };
    }
    return null;
  }
}
