import type {
  Transport,
  TransportClose,
  TransportConnection,
  TransportKind,
  TransportListener,
} from "../src/transports/transport.ts";

/** One connection as the far end sees it; a test plays the server by hand. */
export class FakeConnection {
  readonly sent: string[] = [];
  isClosedByClient = false;
  readonly #listener: TransportListener;

  constructor(listener: TransportListener) {
    this.#listener = listener;
  }

  /** What the client sent so far, decoded; and forgets it. */
  take(): Record<string, unknown>[] {
    return this.sent.splice(0).map((text) => JSON.parse(text) as Record<string, unknown>);
  }

  /** The peer shows life without a frame. */
  live(): void {
    if (!this.isClosedByClient) this.#listener.onLife();
  }

  open(): void {
    this.sent.push(...this.#listener.opening());
    this.#listener.onOpen();
  }

  /** Opens, and says that the opening was taken in the request for it. */
  openEarly(): void {
    this.#listener.opening();
    this.#listener.onEarly?.();
    this.#listener.onOpen();
  }

  say(...frames: readonly object[]): void {
    for (const frame of frames) this.text(JSON.stringify(frame));
  }

  text(text: string): void {
    if (!this.isClosedByClient) this.#listener.onText(text);
  }

  close(close: Partial<TransportClose> = {}): void {
    if (!this.isClosedByClient) this.#listener.onClose({ code: 1006, reason: "", ...close });
  }
}

/** A transport whose far end is the test. */
export class FakeTransport implements Transport {
  readonly kind: TransportKind;
  readonly connections: FakeConnection[] = [];

  constructor(kind: TransportKind = "websocket") {
    this.kind = kind;
  }

  /** The newest connection. */
  get last(): FakeConnection {
    const last = this.connections.at(-1);
    if (last === undefined) throw new Error("nothing was opened");
    return last;
  }

  open(listener: TransportListener): TransportConnection {
    const connection = new FakeConnection(listener);
    this.connections.push(connection);
    return {
      send: (text) => void connection.sent.push(text),
      close: () => {
        connection.isClosedByClient = true;
      },
    };
  }
}
