import { MAX_BEFORE_SIGNALS } from "./bounds.ts";

/** Signals are for now: none is added to what a socket has not sent for long. */
export function passesNow(text: string, bufferedAmount: number): boolean {
  return bufferedAmount <= MAX_BEFORE_SIGNALS || !text.startsWith('{"type":"signal"');
}
