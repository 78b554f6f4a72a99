/** Somebody in a world, for one tick. */
export interface Seat<Input> {
  /** An identity; of a bot `bot-` and its slot. */
  readonly id: string;
  /** Its place, from 0 and below `maxPlayers`, the same for as long as it is there: a short name for frames. */
  readonly slot: number;
  readonly isBot: boolean;
  /** What it steers by in this tick; null for a bot. */
  readonly input: Input | null;
}

export interface SeatsOptions {
  /** How many there are at most, bots included. @default 50 */
  readonly maxPlayers?: number | undefined;
  /** Who says nothing for so long has left, ms. @default 5,000 */
  readonly goneMs?: number | undefined;
  /**
   * Inputs of one player that wait for their tick; the oldest are left out above it. One makes up for those that come
   * a little late, more are only lag. @default 2
   */
  readonly maxWaiting?: number | undefined;
}

interface Person<Input> {
  slot: number | null;
  input: Input | null;
  readonly waiting: Input[];
  heardMs: number;
}

/** Who is in a world: people from their first input until they are silent, and bots on the seats that are left. */
export class Seats<Input> {
  readonly #maxPlayers: number;
  readonly #goneMs: number;
  readonly #maxWaiting: number;
  readonly #people = new Map<string, Person<Input>>();
  /** By slot, in the order in which they came. */
  readonly #bots = new Set<number>();
  /** For who was in a world before and has said nothing yet. */
  readonly #kept = new Map<string, number>();

  constructor({ maxPlayers = 50, goneMs = 5_000, maxWaiting = 2 }: SeatsOptions) {
    this.#maxPlayers = maxPlayers;
    this.#goneMs = goneMs;
    this.#maxWaiting = maxWaiting;
  }

  /** Takes an input for a tick to come. @returns Whether it has a seat; there is none where people are on all. */
  hear(id: string, input: Input, nowMs: number): boolean {
    const person = this.#personOf(id, nowMs);
    if (person === null) return false;
    person.heardMs = nowMs;
    person.waiting.push(input);
    if (person.waiting.length > this.#maxWaiting) person.waiting.shift();
    return true;
  }

  /**
   * Keeps a slot for somebody who had it in a world before, until it speaks or people have taken all others; bots sit
   * there only while there is no other.
   * @returns Whether it is kept: not where it is no slot, or another's.
   */
  keep(id: string, slot: number): boolean {
    if (!Number.isInteger(slot) || slot < 0 || slot >= this.#maxPlayers) return false;
    if ([...this.#kept.values()].includes(slot) || this.#kept.has(id)) return false;
    const people = [...this.#people.entries()];
    if (people.some(([who, person]) => person.slot === slot || (who === id && person.slot !== null)))
      return false;
    this.#kept.set(id, slot);
    return true;
  }

  /**
   * The next tick: who is silent leaves, who is new enters, bots fill up to `fill` seats while there are people, and
   * each person has one said input, in order; who has said no other steers on as before.
   */
  turn(nowMs: number, fill = 0): Seat<Input>[] {
    for (const [id, { heardMs }] of this.#people) if (nowMs - heardMs > this.#goneMs) this.#people.delete(id);
    for (const [id, person] of this.#people) {
      const slot = person.slot === null ? this.#kept.get(id) : undefined;
      if (slot === undefined) continue;
      person.slot = slot;
      this.#kept.delete(id);
      this.#bots.delete(slot);
    }
    const bots = this.#people.size === 0 ? 0 : Math.min(fill, this.#maxPlayers) - this.#people.size;
    for (const slot of [...this.#bots].slice(Math.max(0, bots))) this.#bots.delete(slot);
    const seats: Seat<Input>[] = [];
    for (const [id, person] of this.#people) {
      if (person.slot === null) {
        const slot = (person.slot = this.#freeSlot());
        for (const [other, kept] of this.#kept) if (kept === slot) this.#kept.delete(other);
      }
      person.input = person.waiting.shift() ?? person.input;
      seats.push({ id, slot: person.slot, isBot: false, input: person.input });
    }
    while (this.#bots.size < bots) this.#bots.add(this.#freeSlot());
    for (const slot of this.#bots) seats.push({ id: `bot-${slot}`, slot, isBot: true, input: null });
    return seats;
  }

  #personOf(id: string, nowMs: number): Person<Input> | null {
    const known = this.#people.get(id);
    if (known !== undefined) return known;
    if (this.#people.size >= this.#maxPlayers) return null;
    const person: Person<Input> = { slot: null, input: null, waiting: [], heardMs: nowMs };
    this.#people.set(id, person);
    return person;
  }

  /** The least that nobody has and that is kept for nobody, else the least that nobody has. */
  #freeSlot(): number {
    const taken = new Set([...[...this.#people.values()].map(({ slot }) => slot), ...this.#bots]);
    const kept = new Set(this.#kept.values());
    const free = Array.from({ length: this.#maxPlayers }, (_, slot) => slot).filter(
      (slot) => !taken.has(slot),
    );
    return free.find((slot) => !kept.has(slot)) ?? free[0] ?? 0;
  }
}
