import assert from "node:assert/strict";

/** One line of a transcript in docs/protocol.md. */
export interface TranscriptLine {
  /** `>` to the server, `<` from it, `#` what happens elsewhere. */
  readonly mark: ">" | "<" | "#";
  readonly text: string;
}

export interface Transcript {
  /** The heading that it stands under. */
  readonly title: string;
  /** Of its first line in the page. */
  readonly line: number;
  readonly lines: readonly TranscriptLine[];
}

/** The blocks fenced as `transcript`. */
export function readTranscripts(page: string): Transcript[] {
  const transcripts: Transcript[] = [];
  let title = "";
  let open: TranscriptLine[] | null = null;
  for (const [index, text] of page.split("\n").entries()) {
    if (open !== null && text === "```") open = null;
    else if (open !== null) open.push(readLine(text, index + 1));
    else if (text === "```transcript") {
      open = [];
      transcripts.push({ title, line: index + 2, lines: open });
    } else title = /^#+ (.*)$/.exec(text)?.[1] ?? title;
  }
  return transcripts;
}

function readLine(text: string, line: number): TranscriptLine {
  const mark = text[0];
  assert.ok(mark === ">" || mark === "<" || mark === "#", `docs/protocol.md:${line}: ${text}`);
  return { mark, text: text.slice(2) };
}

/** The cells of the table under a heading, without its head, and without backquotes around a cell. */
export function readTable(page: string, title: string): string[][] {
  const from = page.indexOf(`\n### ${title}\n`);
  assert.notEqual(from, -1, `docs/protocol.md has no heading ${title}`);
  const section = page.slice(from + 5).split(/\n#+ /)[0] as string;
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim().replace(/^`([^`]*)`$/, "$1")),
  );
}

/** Values that differ at each run: those of the page stand for those that came. */
const FREE = new Set(["message", "now", "at", "retryAfterMs"]);

/**
 * Compares what came with what the page shows. Members that the page leaves out may be anything, sentences
 * and times may differ, and an epoch of the page stands for one epoch throughout a transcript.
 */
export class Comparison {
  readonly #epochs = new Map<string, string>();

  matches(shown: unknown, came: unknown): boolean {
    if (Array.isArray(shown)) {
      return (
        Array.isArray(came) &&
        came.length === shown.length &&
        shown.every((each, index) => this.matches(each, came[index]))
      );
    }
    if (typeof shown !== "object" || shown === null) return Object.is(shown, came);
    if (typeof came !== "object" || came === null || Array.isArray(came)) return false;
    return Object.entries(shown).every(([name, value]) =>
      this.#memberMatches(name, value, (came as Record<string, unknown>)[name]),
    );
  }

  #memberMatches(name: string, shown: unknown, came: unknown): boolean {
    if (FREE.has(name)) return typeof shown === typeof came;
    if (name === "epoch" && typeof shown === "string") {
      return typeof came === "string" && this.epochMatches(shown, came);
    }
    return this.matches(shown, came);
  }

  epochMatches(shown: string, came: string): boolean {
    const known = this.#epochs.get(shown) ?? came;
    this.#epochs.set(shown, known);
    return known === came;
  }
}
