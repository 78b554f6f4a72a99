import type { ReceivedFrame } from "@parlor/protocol";
import type { Transport, TransportClose, TransportConnection, TransportKind } from "./transport.ts";

/** Who hears of a contender. */
export interface ContenderHost {
  opening(): readonly string[];
  /** Its opening is handed over; it is not answered. */
  onOpen?(contender: Contender): void;
  onText(contender: Contender, frame: ReceivedFrame): void;
  onLife(contender: Contender): void;
  onClose(contender: Contender, close: TransportClose): void;
}

/** One connection of those of which one is, or will be, in use. Who hears of it may change. */
export interface Contender extends TransportConnection {
  readonly kind: TransportKind;
  readonly startedAtMs: number;
  host: ContenderHost;
  /** The opening that it asked for last. */
  readonly opening: readonly string[];
  /** Its opening was taken in the request for it. */
  readonly isEarly: boolean;
  /** How it ended by itself. */
  readonly ended: TransportClose | null;
}

export function contend(transport: Transport, startedAtMs: number, host: ContenderHost): Contender {
  const contender = {
    kind: transport.kind,
    startedAtMs,
    host,
    opening: [] as readonly string[],
    isEarly: false,
    ended: null as TransportClose | null,
    send: (text: string) => connection.send(text),
    close: () => connection.close(),
  };
  const connection = transport.open({
    opening: () => (contender.opening = contender.host.opening()),
    // Nothing is sent before the welcome tells which of them it will be.
    onEarly: () => (contender.isEarly = true),
    onOpen: () => contender.host.onOpen?.(contender),
    onText: (frame) => contender.host.onText(contender, frame),
    onLife: () => contender.host.onLife(contender),
    onClose(close) {
      contender.ended = close;
      contender.host.onClose(contender, close);
    },
  });
  return contender;
}
