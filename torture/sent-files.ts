import { createHash } from "node:crypto";
import { askPatiently } from "./read-log.ts";

export interface SentFile {
  readonly room: string;
  /** SHA-256 of what was uploaded, as who uploaded it found it; in hex. */
  readonly hash: string;
  readonly size: number;
  /** Where the message is that names it. */
  readonly offset: number;
}

const AT_ONCE = 8;

/** The files of messages that were acknowledged, and whether a server still has each of them as it was. */
export class SentFiles {
  readonly #sent: SentFile[] = [];
  /** What was found wrong while files were sent. */
  readonly violations: string[] = [];

  add(file: SentFile): void {
    this.#sent.push(file);
  }

  get count(): number {
    return this.#sent.length;
  }

  /**
   * Fetches each of them, byte for byte, from one server after the other in turn.
   *
   * @param urls  Of the servers.
   * @returns What is wrong, in words.
   */
  async verify(urls: readonly string[]): Promise<string[]> {
    const wrong = [...this.violations];
    const left = this.#sent.entries();
    const lane = async (): Promise<void> => {
      for (const [index, file] of left) {
        const url = urls[index % urls.length] ?? "";
        const problem = await problemOf(url, file);
        if (problem !== null) {
          const { room, offset } = file;
          wrong.push(`the file of message ${offset} in ${room}, acknowledged, ${problem} at ${url}`);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return wrong;
  }
}

async function problemOf(url: string, { room, hash, size }: SentFile): Promise<string | null> {
  try {
    const answer = await askPatiently(`${url}rooms/${room}/files/${hash}`);
    const content = Buffer.from(await answer.arrayBuffer());
    if (!answer.ok) return `is answered with ${answer.status}`;
    const isSame = content.length === size && createHash("sha256").update(content).digest("hex") === hash;
    return isSame ? null : `has other bytes (${content.length} of ${size})`;
  } catch (error) {
    return `can't be fetched: ${error instanceof Error ? error.message : String(error)}`;
  }
}
