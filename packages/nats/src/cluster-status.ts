import { type LogStatus, StatusBoard } from "@parlor/log";

/** What a log on a cluster says of itself, from all that can keep it from storing something. */
export class ClusterStatus {
  readonly #board = new StatusBoard();
  readonly #leaderless = new Set<string>();
  #isConnected = true;
  #fullMessage: string | null = null;

  get status(): LogStatus {
    // The board keeps the first words of several reasons.
    const { status } = this.#board;
    return status.kind === "closed" ? status : this.#now();
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

  setLed(stream: string, isLed: boolean): void {
    if (isLed) this.#leaderless.delete(stream);
    else this.#leaderless.add(stream);
    this.#tell();
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
    const [stream] = this.#leaderless;
    if (stream !== undefined) {
      return { kind: "unreachable", message: `the stream ${stream} has no leader in the NATS cluster` };
    }
    return this.#fullMessage === null ? { kind: "ready" } : { kind: "full", message: this.#fullMessage };
  }
}
