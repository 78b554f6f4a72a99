/** One word of a text, as it is looked for, and where it stands. */
export interface Token {
  readonly word: string;
  readonly from: number;
  readonly to: number;
}

/** Characters of one word that count; what is longer is no word that anybody types. */
const MAX_WORD = 64;

/** Words, and emoji: of these what is drawn as one is one, with colours and what joins it. */
const WORDS = /([\p{L}\p{N}\p{M}]+)|(?![©®™])\p{ExtPict}(?:[\p{EMod}\ufe0f]|\u200d\p{ExtPict})*|\p{RI}{2}/gu;
/** What an emoji is known by: not by its colours, nor by whether it was asked to be drawn as one. */
const PICTURES = /[\p{RI}\p{ExtPict}]/gu;
/** Stands before an emoji in the index. It is in no word, so nobody types it. */
const EMOJI_MARK = "\uf8ff";
/** Writing without spaces between words: each character is a word, and what one looks for is a phrase of them. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
/** With the mark of voicing that may follow a kana: as one character where it is composed, as two where it is not. */
const UNSPACED_CHARACTER = /.[\u3099\u309a\uff9e\uff9f]?/gsu;
/**
 * What a letter of Latin, Greek, Cyrillic or Arabic carries, which people leave out when they type, and what only says
 * how a character is drawn.
 */
const CARRIED = /[\u0300-\u036f\u064b-\u065f\p{VS}]/gu;

/** The words of a text: without case, accents and forms of width, so that `Crème` is found by `creme`. */
export function tokensOf(text: string): Token[] {
  return [...tokensIn(text)];
}

/** As `tokensOf`, one after the other: for who does not need all of a long text. */
export function* tokensIn(text: string): Generator<Token> {
  for (const { 0: run, 1: word, index } of text.matchAll(WORDS)) {
    if (word === undefined) yield emoji(run, index);
    else if (UNSPACED.test(run)) {
      let from = index;
      for (const part of parts(run)) {
        yield* token(part, from);
        from += part.length;
      }
    } else yield* token(run, index);
  }
}

function emoji(written: string, from: number): Token {
  const codes = (written.match(PICTURES) ?? []).map((each) => each.codePointAt(0)?.toString(36));
  return { word: (EMOJI_MARK + codes.join("")).slice(0, MAX_WORD), from, to: from + written.length };
}

const ASCII = /^[\x20-\x7f]*$/;

function* token(written: string, from: number): Generator<Token> {
  // Most words are, and need none of the rest.
  const plain = ASCII.test(written) ? written.toLowerCase() : plainly(written);
  const word = plain.slice(0, MAX_WORD).toWellFormed();
  if (word !== "") yield { word, from, to: from + written.length };
}

/** Two letters have a capital that is another one's, too: `STRASSE` is `Straße`. */
function plainly(written: string): string {
  const bare = written.normalize("NFKD").replace(CARRIED, "").toLowerCase();
  return bare.replaceAll("ß", "ss").replaceAll("ς", "σ");
}

/** Characters of unspaced writing one by one, what stands between them whole. */
function* parts(run: string): Generator<string> {
  let spaced = "";
  for (const [character] of run.matchAll(UNSPACED_CHARACTER)) {
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
