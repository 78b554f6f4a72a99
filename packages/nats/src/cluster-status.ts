import { type LogStatus, StatusBoard } from "@parlor/log";

/** What a log on a cluster says of itself, from all that can keep it from storing something. */
export class ClusterStatus {
  readonly #board = new StatusBoard();
  /** Streams that take nothing, with the reason in words. */
  readonly #leaderless = new Map<string, string>();
  #isConnected = true;
  #fullMessage: string | null = null;

  get status(): LogStatus {
    // The board keeps the first words of several reasons.
    const { status } = this.#board;
    return status.kind === "closed" || status.kind === "failed" ? status : this.#now();
  }

  /** Whether any server is reached. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  listen(listener: (status: LogStatus) => void): () => void {
    return this.#board.listen(listener);
  }

  setConnected(isConnected: boolean): void {
    this.#isConnected = isConnected;
    this.#tell();
  }

  /** @param words  Of a stream that takes nothing, where it is known why. */
  setLed(stream: string, isLed: boolean, words?: string): void {
    if (isLed) this.#leaderless.delete(stream);
    else this.#leaderless.set(stream, words ?? `the stream ${stream} has no leader in the NATS cluster`);
    this.#tell();
  }

  /** Nothing can be promised any more. */
  fail(message: string): void {
    this.#board.change({ kind: "failed", message });
  }

  /** @param message  Null where something was taken. */
  setFull(message: string | null): void {
    if (message === this.#fullMessage) return;
    this.#fullMessage = message;
    this.#tell();
  }

  close(): void {
    this.#board.change({ kind: "closed" });
  }

  #tell(): void {
    this.#board.change(this.#now());
  }

  #now(): LogStatus {
    if (!this.#isConnected) {
      return { kind: "unreachable", message: "no server of the NATS cluster can be reached" };
    }
    const [words] = this.#leaderless.values();
    if (words !== undefined) return { kind: "unreachable", message: words };
    return this.#fullMessage === null ? { kind: "ready" } : { kind: "full", message: this.#fullMessage };
  }
}
