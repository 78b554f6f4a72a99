import type { Projection, ReaderPosition } from "./projection.ts";

/** Rooms whose positions are kept at hand; those of others are asked for. */
const MAX_KNOWN = 1_000;

/**
 * The positions of rooms that were read just now, so that a busy room's need not be asked for with each batch. A
 * projection compares each with its own before it goes on from it, so one that is out of date does no harm.
 */
export class KnownPositions {
  readonly #projection: Projection;
  readonly #known = new Map<string, ReaderPosition>();

  constructor(projection: Projection) {
    this.#projection = projection;
  }

  async get(room: string): Promise<ReaderPosition | null> {
    return this.#known.get(room) ?? (await this.#projection.position(room));
  }

  set(room: string, position: ReaderPosition): void {
    this.#known.delete(room);
    this.#known.set(room, position);
    if (this.#known.size <= MAX_KNOWN) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  delete(room: string): void {
    this.#known.delete(room);
  }

  clear(): void {
    this.#known.clear();
  }
}
