import type { DecodedClientFrame } from "@parlor/protocol";

/**
 * Frames, and UTF-16 units of them, that wait while a hook decides about `hello`. Beyond either nothing
 * more is read: an outbox that is sent behind `hello` may be long, and that is no fault.
 */
const MAX_FRAMES = 256;
const MAX_CHARACTERS = 65_536;

/** One of them: its text, or what was read of it already. */
export type EarlyFrame = string | DecodedClientFrame;

/** The frames that came behind a `hello` which is not answered yet. Rule: docs/protocol.md [HELLO-6]. */
export class EarlyFrames {
  #frames: EarlyFrame[] = [];
  #characters = 0;

  /** More than enough waits: stop reading until they are taken. */
  get isEnough(): boolean {
    return this.#frames.length >= MAX_FRAMES || this.#characters >= MAX_CHARACTERS;
  }

  /** @param size  Units of its text, or bytes of what was read. */
  add(frame: EarlyFrame, size: number): void {
    this.#frames.push(frame);
    this.#characters += size;
  }

  takeAll(): readonly EarlyFrame[] {
    const frames = this.#frames;
    this.#frames = [];
    this.#characters = 0;
    return frames;
  }
}
