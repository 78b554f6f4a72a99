import type { ReceivedFrame } from "@parlor/protocol";
import type { Transport, TransportClose, TransportConnection, TransportKind } from "./transport.ts";

/** Who hears of a contender. */
export interface ContenderHost {
  opening(contender: Contender): readonly string[];
  /** Its opening is handed over; it is not answered. */
  onOpen?(contender: Contender): void;
  onText(contender: Contender, frame: ReceivedFrame): void;
  onLife(contender: Contender): void;
  onClose(contender: Contender, close: TransportClose): void;
}

/** One connection of those of which one is, or will be, in use. Who hears of it may change. */
export class Contender implements TransportConnection {
  readonly kind: TransportKind;
  readonly startedAtMs: number;
  host: ContenderHost;
  /** The opening that it asked for last. */
  opening: readonly string[] = [];
  /** Its opening was taken in the request for it. */
  isEarly = false;
  /** How it ended by itself. */
  ended: TransportClose | null = null;
  readonly #connection: TransportConnection;

  constructor(transport: Transport, startedAtMs: number, host: ContenderHost) {
    this.kind = transport.kind;
    this.startedAtMs = startedAtMs;
    this.host = host;
    this.#connection = transport.open({
      opening: () => (this.opening = this.host.opening(this)),
      // Nothing is sent before the welcome tells which of them it will be.
      onEarly: () => (this.isEarly = true),
      onOpen: () => this.host.onOpen?.(this),
      onText: (frame) => this.host.onText(this, frame),
      onLife: () => this.host.onLife(this),
      onClose: (close) => {
        this.ended = close;
        this.host.onClose(this, close);
      },
    });
  }

  send(text: string): void {
    this.#connection.send(text);
  }

  close(): void {
    this.#connection.close();
  }
}
