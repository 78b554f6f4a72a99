import {
  encodeSignal,
  encodeSignalFrame,
  encodeSignalsFrame,
  MAX_MESSAGES_FRAME_BYTES,
} from "@parlor/protocol";
import { SharedFrames } from "./shared-frames.ts";
import { isFrom, type Signal, type SignalSender } from "./signal.ts";

/** How a subscriber asked for signals: each in a frame, or what comes at once in one. */
export type SignalForm = "single" | "batched";

/**
 * What a room's subscribers are told of some signals: encoded once for each form, and once more for each
 * subscriber who is a sender of one of them, who hears the others only.
 */
export class SignalFrames {
  readonly #room: string;
  readonly #signals: readonly Signal[];
  readonly #identities: ReadonlySet<string>;
  readonly #forAll = new Map<SignalForm, SharedFrames>();

  /** @param signals  At least one. */
  constructor(room: string, signals: readonly Signal[]) {
    this.#room = room;
    this.#signals = signals;
    this.#identities = new Set(signals.map(({ from }) => from));
  }

  /** The frames for one subscriber, and how many signals they hold; null where all are its own. */
  for(
    form: SignalForm,
    self: SignalSender,
  ): { readonly frames: SharedFrames; readonly signalCount: number } | null {
    const signals = this.#identities.has(self.from)
      ? this.#signals.filter((signal) => !isFrom(signal, self))
      : this.#signals;
    if (signals.length === this.#signals.length) {
      return { frames: this.#shared(form), signalCount: signals.length };
    }
    if (signals.length === 0) return null;
    return { frames: this.#framesOf(form, signals), signalCount: signals.length };
  }

  #shared(form: SignalForm): SharedFrames {
    let frames = this.#forAll.get(form);
    if (frames === undefined) {
      frames = this.#framesOf(form, this.#signals);
      this.#forAll.set(form, frames);
    }
    return frames;
  }

  #framesOf(form: SignalForm, signals: readonly Signal[]): SharedFrames {
    const isOne = form === "batched" && signals.length > 1 && sizeOf(signals) <= MAX_MESSAGES_FRAME_BYTES;
    const gathered = isOne ? { room: this.#room, signals } : null;
    return new SharedFrames(() => this.#texts(form, signals), gathered);
  }

  #texts(form: SignalForm, signals: readonly Signal[]): string[] {
    if (form === "single" || signals.length === 1) {
      return signals.map((signal) => encodeSignalFrame(this.#room, signal));
    }
    const frames: string[] = [];
    let gathered: string[] = [];
    let characters = 0;
    for (const signal of signals) {
      const text = encodeSignal(signal);
      if (gathered.length > 0 && characters + text.length > MAX_MESSAGES_FRAME_BYTES) {
        frames.push(encodeSignalsFrame(this.#room, gathered));
        gathered = [];
        characters = 0;
      }
      gathered.push(text);
      characters += text.length;
    }
    frames.push(encodeSignalsFrame(this.#room, gathered));
    return frames;
  }
}

/** About the size of their frame in any form, in UTF-16 units. */
function sizeOf(signals: readonly Signal[]): number {
  return signals.reduce((sum, { from, bodyJson }) => sum + from.length + bodyJson.length + AROUND_EACH, 0);
}

const AROUND_EACH = 24;
