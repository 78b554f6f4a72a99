import { MARK } from "./bench-text.ts";
import type { FrameSink } from "./frame-scanner.ts";

/** Counts frames, and messages by their mark; looks at nothing else. */
export class CountingSink implements FrameSink {
  frames = 0;
  messages = 0;
  /** Called after each frame where set. */
  onFrame: (() => void) | null = null;

  payload(bytes: Buffer, start: number, end: number): void {
    for (let at = bytes.indexOf(MARK, start); at !== -1 && at < end; at = bytes.indexOf(MARK, at + 1)) {
      this.messages += 1;
    }
  }

  frameEnd(): void {
    this.frames += 1;
    this.onFrame?.();
  }
}

/** Hands on each text frame whole. */
export class TextSink implements FrameSink {
  readonly #onText: (text: string) => void;
  #parts: Buffer[] = [];

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  payload(bytes: Buffer, start: number, end: number): void {
    this.#parts.push(Buffer.from(bytes.subarray(start, end)));
  }

  frameEnd(isText: boolean): void {
    const [first, ...others] = this.#parts;
    this.#parts = [];
    if (!isText || first === undefined) return;
    this.#onText((others.length === 0 ? first : Buffer.concat([first, ...others])).toString("utf8"));
  }
}
