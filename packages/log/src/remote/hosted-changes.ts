import type { RoomChange, RoomLog, Tail } from "../room-log.ts";

/**
 * What one worker is told of changes in rooms, whichever they are: once it asks, and then for as long as its
 * link lasts. While it takes too little they are left out, and once it takes more it is told that it missed some.
 */
export class HostedChanges {
  readonly #log: RoomLog;
  readonly #canTell: () => boolean;
  readonly #tell: (change: RoomChange) => void;
  #watching: Promise<Tail> | null = null;
  #hasMissed = false;
  #isClosed = false;

  constructor(log: RoomLog, canTell: () => boolean, tell: (change: RoomChange) => void) {
    this.#log = log;
    this.#canTell = canTell;
    this.#tell = tell;
  }

  /** Rejects as the log's `watch` does, and may then be asked again. */
  async watch(): Promise<void> {
    this.#watching ??= this.#log.watch((change) => this.#onChange(change));
    const watching = this.#watching;
    try {
      const tail = await watching;
      if (this.#isClosed) tail.close();
    } catch (error) {
      if (this.#watching === watching) this.#watching = null;
      throw error;
    }
  }

  /** The worker takes more again. */
  goOn(): void {
    if (!this.#hasMissed || !this.#canTell()) return;
    this.#hasMissed = false;
    this.#tell({ kind: "missed" });
  }

  close(): void {
    this.#isClosed = true;
    // One that rejects has nothing to close, and was told to who asked.
    void this.#watching?.then(
      (tail) => tail.close(),
      () => undefined,
    );
  }

  #onChange(change: RoomChange): void {
    if (this.#isClosed) return;
    if (this.#hasMissed || !this.#canTell()) this.#hasMissed = true;
    else this.#tell(change);
  }
}
