import { MemoryLog, type Tail, type TailEvent } from "@parlor/log";

/** A log whose tails a test can hold back: so a process sees it that is behind the others. */
export class LateLog extends MemoryLog {
  #held: (() => void)[] | null = null;

  override tail(room: string, listener: (event: TailEvent) => void): Promise<Tail> {
    return super.tail(room, (event) => {
      if (this.#held === null) listener(event);
      else this.#held.push(() => listener(event));
    });
  }

  /** From now on what is committed is not told. */
  hold(): void {
    this.#held ??= [];
  }

  /** What was held back is told, and all that comes. */
  letGo(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const tell of held) tell();
  }
}
