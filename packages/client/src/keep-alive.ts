/**
 * Holds a Node process while a client has a connection or wants one.
 *
 * An open socket holds the process by itself, but a client that waits for its next try, or pauses between
 * two polls, has only timers, which intentionally hold nothing (`Clock.after`). Without this a bot would end without a word as soon
 * as its server restarts. An open message port is the one thing that Node keeps running for and that
 * costs nothing; browsers need none of it.
 */
export class KeepAlive {
  #port: MessagePort | null = null;

  hold(): void {
    if (this.#port !== null || typeof document !== "undefined") return;
    this.#port = new MessageChannel().port1;
    this.#port.onmessage = () => undefined;
  }

  /** Twice is the same as once. */
  release(): void {
    this.#port?.close();
    this.#port = null;
  }
}
