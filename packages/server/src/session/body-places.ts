import { addressGroup } from "./address-group.ts";

/** What a request's body may have without a place: as much as the product's own client sends at once, and more. */
const FREE_BYTES = 98_304;

/** Larger bodies of one address that are read at a time, unless it is said. */
const PLACES = 8;

interface AddressBodies {
  taken: number;
  /** In the order in which they came. */
  readonly waiting: Set<() => void>;
}

/** How one body waits for its place, and has it. */
export interface BodyPlace {
  /** Leaves the line, or gives the place back, whichever it is. To be called once. */
  leave(): void;
}

/**
 * Which large bodies are read. Whoever sends many mebibytes at once, or begins many and ends none, would have
 * them held all together, and everybody wait while buffers are made for them. So an address has a few that go
 * on beyond their first 96 KiB; the others are not read until one of them has ended, or was cut for its time.
 *
 * What waits is bounded by the sockets of an address. Rule: docs/protocol.md [GROW-73].
 */
export class BodyPlaces {
  readonly freeBytes = FREE_BYTES;
  readonly #onWait: () => void;
  readonly #places: number;
  readonly #addresses = new Map<string, AddressBodies>();

  /** `onWait` is called for each body that has to wait. */
  constructor(onWait: () => void, places = PLACES) {
    this.#onWait = onWait;
    this.#places = places;
  }

  /** Addresses with a large body under way. */
  get size(): number {
    return this.#addresses.size;
  }

  /** Calls `begin` when this address has a place: at once, or later. */
  take(address: string, begin: () => void): BodyPlace {
    const group = addressGroup(address);
    let bodies = this.#addresses.get(group);
    if (bodies === undefined) this.#addresses.set(group, (bodies = { taken: 0, waiting: new Set() }));
    const of = bodies;
    if (of.taken < this.#places) {
      of.taken += 1;
      begin();
    } else {
      of.waiting.add(begin);
      this.#onWait();
    }
    return { leave: () => this.#leave(group, of, begin) };
  }

  #leave(group: string, of: AddressBodies, begin: () => void): void {
    if (of.waiting.delete(begin)) return;
    const [next] = of.waiting;
    if (next === undefined) {
      of.taken -= 1;
      if (of.taken === 0) this.#addresses.delete(group);
      return;
    }
    of.waiting.delete(next);
    next();
  }
}
