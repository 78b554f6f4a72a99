import type { ClientFrame } from "./client-frames.ts";
import type { ServerFrame } from "./server-frames.ts";

/** A frame as it crosses the wire: one line of JSON, without a line break in it. */
export function encodeFrame(frame: ClientFrame | ServerFrame): string {
  return JSON.stringify(frame);
}

/** A message whose body is JSON text already, so that it is parsed once and never written again. */
export interface EncodableMessage {
  readonly offset: number;
  readonly from: string;
  readonly producer: string;
  readonly seq: number;
  readonly at: number;
  readonly re?: number | undefined;
  /** JSON text; null where the body was erased. */
  readonly bodyJson: string | null;
}

/** One element of a `messages` array, as JSON text. */
export function encodeMessage(message: EncodableMessage): string {
  const re = message.re === undefined ? "" : `,"re":${message.re}`;
  const body = message.bodyJson === null ? `"body":null,"redacted":true` : `"body":${message.bodyJson}`;
  return (
    `{"offset":${message.offset},"from":${JSON.stringify(message.from)},` +
    `"producer":${JSON.stringify(message.producer)},"seq":${message.seq},"at":${message.at}${re},${body}}`
  );
}

/** A signal with its body as JSON text. */
export interface EncodableSignal {
  readonly from: string;
  readonly bodyJson: string;
}

export function encodeSignalFrame(room: string, { from, bodyJson }: EncodableSignal): string {
  return `{"type":"signal","room":${JSON.stringify(room)},"from":${JSON.stringify(from)},"body":${bodyJson}}`;
}

/** One element of a `signals` array, as JSON text. */
export function encodeSignal({ from, bodyJson }: EncodableSignal): string {
  return `{"from":${JSON.stringify(from)},"body":${bodyJson}}`;
}

/** A `signals` frame from elements that are encoded already. */
export function encodeSignalsFrame(room: string, signals: readonly string[], next?: string): string {
  const end = next === undefined ? "" : `,"next":${JSON.stringify(next)}`;
  return `{"type":"signals","room":${JSON.stringify(room)},"signals":[${signals.join(",")}]${end}}`;
}

/** A `messages` frame from elements that are encoded already. */
export function encodeMessagesFrame(room: string, after: number, messages: readonly string[]): string {
  return `{"type":"messages","room":${JSON.stringify(room)},"after":${after},"messages":[${messages.join(",")}]}`;
}
