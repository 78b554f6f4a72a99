/** One word of a text, as it is looked for, and where it stands. */
export interface Token {
  readonly word: string;
  readonly from: number;
  readonly to: number;
}

/** Characters of one word that count; what is longer is no word that anybody types. */
const MAX_WORD = 64;

const WORDS = /[\p{L}\p{N}\p{M}]+/gu;
/** Writing without spaces between words: each character is a word, and what one looks for is a phrase of them. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
/** What a letter of Latin, Greek, Cyrillic or Arabic carries: people leave it out when they type. */
const CARRIED = /[\u0300-\u036f\u064b-\u065f]/g;

/** The words of a text: without case, accents and forms of width, so that `Crème` is found by `creme`. */
export function tokensOf(text: string): Token[] {
  return [...tokensIn(text)];
}

/** As `tokensOf`, one after the other: for who does not need all of a long text. */
export function* tokensIn(text: string): Generator<Token> {
  for (const { 0: run, index } of text.matchAll(WORDS)) {
    if (UNSPACED.test(run)) {
      let from = index;
      for (const part of parts(run)) {
        yield* token(part, from);
        from += part.length;
      }
    } else yield* token(run, index);
  }
}

const ASCII = /^[\x20-\x7f]*$/;

function* token(written: string, from: number): Generator<Token> {
  // Most words are, and need none of the rest.
  const plain = ASCII.test(written) ? written : written.normalize("NFKD").replace(CARRIED, "");
  const word = plain.toLowerCase().slice(0, MAX_WORD).toWellFormed();
  if (word !== "") yield { word, from, to: from + written.length };
}

/** Characters of unspaced writing one by one, what stands between them whole. */
function* parts(run: string): Generator<string> {
  let spaced = "";
  for (const character of run) {
    if (!UNSPACED.test(character)) {
      spaced += character;
      continue;
    }
    if (spaced !== "") yield spaced;
    spaced = "";
    yield character;
  }
  if (spaced !== "") yield spaced;
}
