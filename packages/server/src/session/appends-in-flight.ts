import { asQuestion, type Append, type AppendResult, type RoomLog } from "@parlor/log";
import { bodyFromJson } from "@parlor/protocol";
import type { FileDesk } from "../files/file-desk.ts";
import { namedFiles } from "../files/named-files.ts";

/** How far back among what is said about a message a repeated publish is looked for, to know its offset. */
const MAX_LOOKED_FOR = 1_000;

/**
 * Gives the log what is to be stored, and has it erase what that takes back; counts what is not answered yet,
 * so that a drain can wait for it.
 */
export class AppendsInFlight {
  readonly #log: RoomLog;
  readonly #erases: ((body: unknown) => boolean) | null;
  readonly #files: FileDesk | null;
  #count = 0;
  #idle: (() => void)[] = [];

  constructor(
    log: RoomLog,
    erases: ((body: unknown) => boolean) | null = null,
    files: FileDesk | null = null,
  ) {
    this.#files = files;
    this.#log = log;
    this.#erases = erases;
  }

  append(append: Append): Promise<AppendResult> {
    return this.#counted(async () => {
      const result = await this.#log.append(append);
      await this.#carryOut(append, result);
      return result;
    });
  }

  /** Whether the log has it already; nothing is stored. Its sender may do nothing now, but what the stored one says is done. */
  find(append: Append): Promise<AppendResult> {
    return this.#counted(async () => {
      const result = await this.#log.append(asQuestion(append));
      const stored = await this.#storedAs(append, result);
      if (stored !== null) await this.#carryOut({ ...append, ...stored }, result);
      return result;
    });
  }

  async #carryOut(append: Append, result: AppendResult): Promise<void> {
    if (this.#files !== null) await this.#useFiles(append, result, this.#files);
    if (this.#erases !== null && append.re !== undefined) await this.#erase(append, append.re, result);
  }

  /** What the log has under that name: whoever sends it again may say anything. Null where there is nothing to do. */
  async #storedAs(
    { room, from, producer, seq }: Append,
    result: AppendResult,
  ): Promise<Pick<Append, "re" | "bodyJson"> | null> {
    if (this.#files === null && this.#erases === null) return null;
    if (result.kind !== "duplicate" || result.offset === undefined) return null;
    const page = await this.#log.read(room, result.offset - 1, { maxMessages: 1, maxBytes: 1 });
    const it = page.messages.find((one) => one.from === from && one.producer === producer && one.seq === seq);
    return it === undefined || it.bodyJson === null ? null : { re: it.re, bodyJson: it.bodyJson };
  }

  async #counted(task: () => Promise<AppendResult>): Promise<AppendResult> {
    this.#count += 1;
    try {
      return await task();
    } finally {
      this.#count -= 1;
      if (this.#count === 0) {
        for (const resolve of this.#idle.splice(0)) resolve();
      }
    }
  }

  /** Fulfils when the log has answered everything that was given to it. */
  idle(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /**
   * A duplicate erases, too: the process that stored it may have died in between. Whoever published it has no
   * answer then, and so sends it again.
   */
  async #erase(append: Append, re: number, result: AppendResult): Promise<void> {
    if (result.kind !== "appended" && result.kind !== "duplicate") return;
    if (this.#erases?.(bodyFromJson(append.bodyJson)) !== true) return;
    // Files first: whoever asks again for what broke off in between finds the message, and so the rest.
    await this.#files?.release(append.room, re, append.from);
    const before = result.offset ?? (await this.#offsetOf(append, re));
    await this.#log.redact(append.room, re, { from: append.from, before });
  }

  /** A duplicate, too: the process that stored it may have died before this. What is about another message holds none. */
  async #useFiles(append: Append, result: AppendResult, files: FileDesk): Promise<void> {
    if (append.re !== undefined || (result.kind !== "appended" && result.kind !== "duplicate")) return;
    const hashes = namedFiles(append.bodyJson, () => bodyFromJson(append.bodyJson));
    if (hashes.length === 0 || result.offset === undefined) return;
    await files.use(append.room, result.offset, append.from, hashes);
  }

  /** Where it is stored; where it can't be found, nothing but the message itself is to be erased. */
  async #offsetOf({ room, from, producer, seq }: Append, re: number): Promise<number> {
    const bounds = { maxMessages: MAX_LOOKED_FOR, maxBytes: 1_048_576 };
    const about = await this.#log.related(room, [re], MAX_LOOKED_FOR, bounds);
    const it = about.find((one) => one.from === from && one.producer === producer && one.seq === seq);
    return it?.offset ?? re;
  }
}
