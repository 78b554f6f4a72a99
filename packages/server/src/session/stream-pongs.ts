import type { SignalBus } from "@parlor/log";

/** The channel of the bus on which processes tell each other of pongs. */
const CHANNEL = "pongs";

/**
 * Nothing comes up on a stream, so what its client has read is said by another request, to whichever process
 * that reaches: a pong that names the stream by the identity and the producer that both said hello with.
 *
 * Bounded by the streams that are open: of one producer the newest counts. Rules: docs/protocol.md [STATE-14].
 */
export class StreamPongs {
  readonly #bus: SignalBus;
  readonly #streams = new Map<string, () => void>();
  #isListening = false;

  constructor(bus: SignalBus) {
    this.#bus = bus;
  }

  /** Tells `onPong` of pongs for that stream; what it returns ends that. */
  watch(identity: string, producer: string, onPong: () => void): () => void {
    if (!this.#isListening) {
      this.#isListening = true;
      // Never rejects, and lasts as long as the bus.
      void this.#bus.listen(CHANNEL, (stream) => this.#streams.get(stream)?.());
    }
    const stream = nameOf(identity, producer);
    this.#streams.set(stream, onPong);
    return () => {
      // A client that opens its next stream before it leaves the old one is heard on the new one.
      if (this.#streams.get(stream) === onPong) this.#streams.delete(stream);
    };
  }

  /** A pong came. Where the stream is another process's the bus takes it there, or loses it: then it is asked for again. */
  came(identity: string, producer: string): void {
    const stream = nameOf(identity, producer);
    const here = this.#streams.get(stream);
    if (here !== undefined) here();
    else this.#bus.send(CHANNEL, stream);
  }
}

function nameOf(identity: string, producer: string): string {
  return `${producer}/${identity}`;
}
