import type { Clock } from "@parlor/base";

/** How much of a stream is used; -1 where only its servers bound it. */
export interface StreamRoom {
  readonly bytes: number;
  readonly maxBytes: number;
}

interface Full {
  readonly message: string;
  readonly sinceMs: number;
  readonly neededBytes: number;
  /** Whether it was looked at and had too little. */
  wasSeen: boolean;
}

/** What the servers have left can't be seen from a node: after so long it is tried again. */
const TRY_AGAIN_MS = 10_000;
/** What a record takes beside its bytes: its subject and what the server adds. */
const BESIDE_BYTES = 1_024;

/**
 * Streams that had no room left for something. A node that says so gets no publishes by a balancer, so it has to find
 * out by itself that there is room again.
 */
export class FullStreams {
  readonly #full = new Map<string, Full>();
  readonly #clock: Clock;
  readonly #onChange: (message: string | null) => void;

  /** @param onChange  Told why nothing is taken, or null where all streams take something. */
  constructor(clock: Clock, onChange: (message: string | null) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** It refused something of so many bytes for want of room. */
  refused(stream: string, bytes: number, message: string): void {
    const sinceMs = this.#clock.monotonic();
    this.#full.set(stream, { message, sinceMs, neededBytes: bytes + BESIDE_BYTES, wasSeen: false });
    this.#tell();
  }

  /** It stored something. */
  took(stream: string): void {
    if (this.#full.delete(stream)) this.#tell();
  }

  /** It was looked at. */
  see(stream: string, { bytes, maxBytes }: StreamRoom): void {
    const full = this.#full.get(stream);
    if (full === undefined) return;
    const hasRoom = maxBytes < 0 || maxBytes - bytes >= full.neededBytes;
    if (!hasRoom) full.wasSeen = true;
    else if (full.wasSeen || this.#clock.monotonic() - full.sinceMs >= TRY_AGAIN_MS) this.took(stream);
  }

  #tell(): void {
    const [first] = this.#full.values();
    this.#onChange(first?.message ?? null);
  }
}
