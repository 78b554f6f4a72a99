import { systemClock } from "@parlor/base";
import type { CopySource, CopyTarget } from "@parlor/log";
import {
  type FilesEnd,
  findFiles,
  type FoundFiles,
  holdsFile,
  missingFiles,
  moveFileBytes,
  moveLedger,
  verifyFiles,
} from "@parlor/server";
import type { CommandWorld } from "./command.ts";
import type { CopyEnd } from "./copy-ends.ts";
import { openFilesOf } from "./copy-files-ends.ts";
import { are, counted, megabytes, shareOf } from "./copy-words.ts";

const NONE: FoundFiles = Object.freeze({ blobs: [], bytes: 0 });

/** The files of both ends, while their logs are open. */
export class CopiedFiles implements AsyncDisposable {
  readonly #source: FilesEnd | null;
  readonly #target: FilesEnd | null;
  readonly #found: FoundFiles;
  readonly #world: CommandWorld;
  #lost: ReadonlySet<string> = new Set();

  private constructor(
    source: FilesEnd | null,
    target: FilesEnd | null,
    found: FoundFiles,
    world: CommandWorld,
  ) {
    this.#source = source;
    this.#target = target;
    this.#found = found;
    this.#world = world;
  }

  static async open(
    [from, source]: readonly [CopyEnd, CopySource],
    [to, target]: readonly [CopyEnd, CopyTarget],
    world: CommandWorld,
  ): Promise<CopiedFiles> {
    const files = await openFilesOf(from, source, false);
    try {
      const found = files === null ? NONE : await findFiles(files);
      const there = await openFilesOf(to, target, found.blobs.length > 0);
      return new CopiedFiles(files, there, found, world);
    } catch (error) {
      await files?.[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Before the rooms, so that what does not fit is known before anything of them is changed. */
  async copyBytes(): Promise<void> {
    if (this.#source === null || this.#target === null || this.#found.blobs.length === 0) return;
    const missing = await missingFiles(this.#target, this.#found);
    const there = this.#found.blobs.length - missing.blobs.length;
    await this.#world.say(
      `Copying ${wordsOf(this.#found)}${there === 0 ? "" : `, of which ${are(there)} there already`}.`,
    );
    const lost = await moveFileBytes(this.#source, this.#target, missing, (done, total) =>
      this.#world.progress(`copied ${shareOf(done, total)} of ${megabytes(total)} in files`),
    );
    for (const hash of lost)
      this.#world.note(`The file ${hash} is lost in ${this.#source.words}; who looks for it finds none.`);
    this.#lost = new Set(lost);
  }

  /** Behind the rooms, since what their messages hold decides what stays. */
  async copyLedger(target: CopyTarget): Promise<void> {
    if (this.#source === null || this.#target === null) return;
    await moveLedger(
      this.#source,
      this.#target,
      async ({ room, message, hash }) => {
        for await (const [found] of target.messages(room, message - 1))
          return found?.offset === message && holdsFile(found, hash);
        return false;
      },
      () => systemClock.now(),
    );
  }

  async verify(lost: ReadonlySet<string>): Promise<void> {
    if (this.#source === null || this.#target === null) return;
    await verifyFiles(this.#source, this.#target, this.#found, lost, (done, total) =>
      this.#world.progress(`compared ${shareOf(done, total)} of ${megabytes(total)} in files`),
    );
    const { blobs, bytes } = this.#found;
    if (blobs.length > 0)
      await this.#world.say(
        `Copied and compared: ${wordsOf({ blobs, bytes })}, the same in both byte for byte.`,
      );
  }

  /** Hashes of files that neither has. */
  get lost(): ReadonlySet<string> {
    return this.#lost;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#target?.[Symbol.asyncDispose]();
    await this.#source?.[Symbol.asyncDispose]();
  }
}

function wordsOf({ blobs, bytes }: FoundFiles): string {
  return `${counted(blobs.length, "file")} with ${megabytes(bytes)}`;
}
