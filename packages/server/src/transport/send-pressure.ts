/**
 * How many bytes may wait unsent on one connection, given what waits on all of them: the mark past
 * which a connection's subscriptions read from the log. One object for each server.
 *
 * Rules: docs/protocol.md [SLOW-50], [SLOW-51].
 */
export class SendPressure {
  readonly #perConnectionBytes: number;
  readonly #totalBytes: number;
  /** Bytes that wait unsent on all connections. */
  waitingBytes = 0;

  constructor(perConnectionBytes: number, totalBytes: number) {
    this.#perConnectionBytes = perConnectionBytes;
    this.#totalBytes = totalBytes;
  }

  /** All connections together hold more than they may. */
  get isCrowded(): boolean {
    return this.waitingBytes > this.#totalBytes;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  get markBytes(): number {
    return this.isCrowded
      ? Math.min(CROWDED_SHARE_BYTES, this.#perConnectionBytes)
      : this.#perConnectionBytes;
  }
}

/** A connection's share while all together are over the total. */
const CROWDED_SHARE_BYTES = 65_536;
