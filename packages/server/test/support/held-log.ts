import { CodedError } from "@parlor/base";
import { MemoryLog, type Append, type AppendResult } from "@parlor/log";

/** A log in memory whose disk a test can stop and start, fill and empty. */
export class HeldLog extends MemoryLog {
  /** Appends that were asked for, in the order in which they came. */
  readonly asked: Append[] = [];
  #held: (() => void)[] | null = null;
  #isFull = false;

  override async append(append: Append): Promise<AppendResult> {
    this.asked.push(append);
    const held = this.#held;
    if (held !== null) await new Promise<void>((resolve) => held.push(resolve));
    if (this.#isFull) throw new CodedError("unavailable", "The disk is full.", { retryAfterMs: 700 });
    return super.append(append);
  }

  /** From now on appends wait. */
  hold(): void {
    this.#held ??= [];
  }

  /** Those that wait go on, in their order; all that come later do not wait. */
  letGo(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const go of held) go();
  }

  fill(): void {
    this.#isFull = true;
  }

  empty(): void {
    this.#isFull = false;
  }
}
