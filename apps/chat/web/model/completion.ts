/** What is being written at the caret that could be completed: a name behind `@`, an emoji's behind `:`. */
export interface Unfinished {
  readonly kind: "mention" | "emoji";
  /** What was typed behind the sign. */
  readonly typed: string;
  /** Where the sign stands. */
  readonly at: number;
}

export interface Suggestion {
  readonly key: string;
  /** What it is, to choose by. */
  readonly label: string;
  /** Beside it: the emoji itself, or the tag that tells two of one name apart. */
  readonly sign: string;
  /** What takes the place of what was typed. */
  readonly text: string;
}

/** Somebody who could be called. */
export interface Callable {
  readonly identity: string;
  readonly name: string;
  readonly tag: string;
}

export const MAX_SUGGESTIONS = 6;

const MENTION = /(?:^|[\s([{,;:>*_])@([\p{L}\p{N}][\p{L}\p{N}\p{M}_.' -]{0,31})?$/u;
const EMOJI = /(?:^|[^\p{L}\p{N}:]):([a-z0-9_+-]{2,32})$/iu;

export function unfinished(text: string, caret: number): Unfinished | null {
  const before = text.slice(Math.max(0, caret - 80), caret);
  const mention = MENTION.exec(before);
  if (mention !== null) {
    const typed = mention[1] ?? "";
    return { kind: "mention", typed, at: caret - typed.length - 1 };
  }
  const typed = EMOJI.exec(before)?.[1];
  return typed === undefined ? null : { kind: "emoji", typed, at: caret - typed.length - 1 };
}

/** Those whose name, or a word of it, begins with what was typed; the first of `people` first. */
export function callable(people: readonly Callable[], typed: string): readonly Suggestion[] {
  const wanted = typed.toLocaleLowerCase();
  const fitting = people.filter(({ name }) => {
    const lower = name.toLocaleLowerCase();
    return (
      lower.startsWith(wanted) || lower.split(" ").some((word) => wanted !== "" && word.startsWith(wanted))
    );
  });
  return fitting.slice(0, MAX_SUGGESTIONS).map(({ identity, name, tag }) => {
    return { key: identity, label: name, sign: tag, text: `@${name} ` };
  });
}

/** The text with what was typed replaced, and where the caret is then. */
export function completed(
  text: string,
  caret: number,
  { at }: Unfinished,
  chosen: string,
): { readonly text: string; readonly caret: number } {
  return { text: text.slice(0, at) + chosen + text.slice(caret), caret: at + chosen.length };
}
