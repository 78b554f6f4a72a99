/**
 * Frames, and UTF-16 units of them, that wait while a hook decides about `hello`. Beyond either nothing
 * more is read: an outbox that is sent behind `hello` may be long, and that is no fault.
 */
const MAX_FRAMES = 256;
const MAX_CHARACTERS = 65_536;

/** The frames that came behind a `hello` which is not answered yet. Rule: docs/protocol.md [HELLO-6]. */
export class EarlyFrames {
  #texts: string[] = [];
  #characters = 0;

  /** More than enough waits: stop reading until they are taken. */
  get isEnough(): boolean {
    return this.#texts.length >= MAX_FRAMES || this.#characters >= MAX_CHARACTERS;
  }

  add(text: string): void {
    this.#texts.push(text);
    this.#characters += text.length;
  }

  takeAll(): readonly string[] {
    const texts = this.#texts;
    this.#texts = [];
    this.#characters = 0;
    return texts;
  }
}
