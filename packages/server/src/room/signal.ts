/**
 * A signal on its way: what somebody says to those who are there, not stored and in no order with messages.
 */
export interface Signal {
  /** The identity that says it. */
  readonly from: string;
  /** The outbox (a tab, a process) that says it: together with `from` its sender, who does not hear it. */
  readonly producer: string;
  readonly bodyJson: string;
}

/** Who says something: the same over whichever connection, so that a page on two of them is one. */
export type SignalSender = Pick<Signal, "from" | "producer">;

export function isFrom(signal: Signal, { from, producer }: SignalSender): boolean {
  return signal.producer === producer && signal.from === from;
}

/** The channel of the bus on which a room's signals go. */
export function signalChannel(room: string): string {
  return `signals/${room}`;
}

/** As one text for the bus: the lengths of what can't be told apart otherwise, and the body unparsed. */
export function packSignal({ from, producer, bodyJson }: Signal): string {
  return `${from.length} ${producer.length} ${from}${producer}${bodyJson}`;
}

/** Takes apart what `packSignal` made. */
export function unpackSignal(text: string): Signal {
  const first = text.indexOf(" ");
  const second = text.indexOf(" ", first + 1);
  const fromEnd = second + 1 + Number(text.slice(0, first));
  const producerEnd = fromEnd + Number(text.slice(first + 1, second));
  return {
    from: text.slice(second + 1, fromEnd),
    producer: text.slice(fromEnd, producerEnd),
    bodyJson: text.slice(producerEnd),
  };
}
