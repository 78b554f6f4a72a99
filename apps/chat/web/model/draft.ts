import type { KeptTexts } from "./kept-texts.ts";

/** How long typing may go on before the draft is written down, in ms. */
const WRITE_AFTER_MS = 400;

/** What is being written in one room, kept so that a closed page or a change of room loses none of it. */
export class Draft {
  readonly #texts: KeptTexts;
  readonly #key: string;
  #unwritten: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(texts: KeptTexts, room: string) {
    this.#texts = texts;
    this.#key = keyOf(room);
  }

  read(): string {
    return this.#unwritten ?? this.#texts.read(this.#key) ?? "";
  }

  change(text: string): void {
    this.#unwritten = text;
    this.#timer ??= setTimeout(() => this.write(), WRITE_AFTER_MS);
  }

  /** Writes down what is not yet; for when the page may be about to go. */
  write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#unwritten === null) return;
    keepDraft(this.#texts, this.#key, this.#unwritten);
    this.#unwritten = null;
  }
}

/** Puts texts that could not be sent below what is being written in that room. */
export function addToDraft(texts: KeptTexts, room: string, added: readonly string[]): void {
  const key = keyOf(room);
  const all = [texts.read(key) ?? "", ...added].filter((text) => text !== "");
  if (added.length > 0) keepDraft(texts, key, all.join("\n"));
}

/** For this tab, which has one of its own where two write to a room, and for the next one that is opened. */
function keepDraft(texts: KeptTexts, key: string, text: string): void {
  texts.keep(key, text);
  texts.keepInTab(key, text);
}

function keyOf(room: string): string {
  return `parlor.draft:${room}`;
}
