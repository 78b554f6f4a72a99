/**
 * The port over which processes that serve the same rooms tell each other what is not stored: signals, who
 * is here. Best effort: what a process can't take now is dropped and counted, and nothing is told of that to
 * anybody. What must not be lost belongs into the log.
 *
 * Every implementation runs `describeSignalBusContract` of the testkit.
 */
export interface SignalBus {
  /** Texts that were dropped since start: of this process, and on their way to it. */
  readonly dropped: number;

  /**
   * Tells `text` to every listener of `channel`: those of this process before it returns, those of the others
   * soon, or never. What one process sends on one channel arrives in the order in which it was sent; between
   * channels and processes there is no order. Never throws, never blocks, keeps nothing for who listens later.
   *
   * @param channel Any string; by custom the use of it, a slash and the room: `signals/lobby`.
   */
  send(channel: string, text: string): void;

  /**
   * Listens: from the call on to what this process sends, at latest once the promise fulfils to what others
   * send. Never rejects: where the others can't be reached now, they are heard as soon as they can be.
   *
   * @param listener Called with each text. It must not throw; hand long work on.
   */
  listen(channel: string, listener: (text: string) => void): Promise<BusListening>;

  /** Tells and hears nothing any more. Twice is the same as once. */
  close(): Promise<void>;
}

export interface BusListening {
  /** Nothing is told from the call on. Twice is the same as once. */
  close(): void;
}
