/**
 * Cuts TypeScript or JavaScript text into tokens, as far as our checkers need it: words, strings and
 * punctuation, with comments and regular expressions left out.
 *
 * It is not a parser. Where the text is ambiguous without one (a quote in the text of a JSX element, a
 * slash that divides) it gives up that character at the end of the line and goes on, so that one guess
 * that is wrong cannot swallow the rest of a file.
 */
export interface Token {
  readonly kind: "word" | "string" | "punctuation";
  /** Of a string its content as written, without quotes; of a template its fixed parts. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

const WORD = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*|\d[\w.]*/uy;
/** Words after which a slash begins a regular expression; after other words it divides. */
const BEFORE_EXPRESSION = new Set(
  "return typeof case in of delete void throw new else do await yield instanceof".split(" "),
);

export function tokenize(source: string): Token[] {
  return new Tokenizer(source).run();
}

class Tokenizer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  /** For each open `${`, how many braces are open inside it. */
  readonly #templates: number[] = [];
  #at = 0;
  #line = 1;

  constructor(source: string) {
    this.#source = source;
  }

  run(): Token[] {
    while (this.#at < this.#source.length) this.#step();
    return this.#tokens;
  }

  #step(): void {
    const char = this.#source[this.#at] as string;
    const next = this.#source[this.#at + 1];
    if (char === "\n") this.#advance(1);
    else if (char <= " ") this.#at += 1;
    else if (char === "/" && next === "/") this.#skipTo("\n", 0);
    else if (char === "/" && next === "*") this.#skipTo("*/", 2);
    else if (char === '"' || char === "'") this.#string(char);
    else if (char === "`") this.#template(1);
    else if (char === "/" && this.#mayBeginRegExp()) this.#regExp();
    else if (char === "}" && this.#templates.at(-1) === 0) {
      this.#templates.pop();
      this.#template(1);
    } else this.#wordOrPunctuation(char);
  }

  #wordOrPunctuation(char: string): void {
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#source)?.[0];
    if (word !== undefined) {
      this.#push("word", word);
      this.#at += word.length;
      return;
    }
    const depth = this.#templates.length - 1;
    if (depth >= 0 && (char === "{" || char === "}")) {
      this.#templates[depth] = (this.#templates[depth] ?? 0) + (char === "{" ? 1 : -1);
    }
    this.#push("punctuation", char);
    this.#at += 1;
  }

  #string(quote: string): void {
    let end = this.#at + 1;
    while (end < this.#source.length && this.#source[end] !== quote) {
      if (this.#source[end] === "\n") {
        this.#at += 1;
        return;
      }
      end += this.#source[end] === "\\" ? 2 : 1;
    }
    this.#push("string", this.#source.slice(this.#at + 1, end));
    this.#advance(end + 1 - this.#at);
  }

  /** From behind a backtick, or behind the brace that ends an expression, to the next expression or the end. */
  #template(skip: number): void {
    const begin = this.#at + skip;
    let end = begin;
    while (end < this.#source.length && this.#source[end] !== "`") {
      if (this.#source[end] === "$" && this.#source[end + 1] === "{") {
        this.#push("string", this.#source.slice(begin, end));
        this.#advance(end + 2 - this.#at);
        this.#templates.push(0);
        return;
      }
      end += this.#source[end] === "\\" ? 2 : 1;
    }
    this.#push("string", this.#source.slice(begin, end));
    this.#advance(end + 1 - this.#at);
  }

  #mayBeginRegExp(): boolean {
    const last = this.#tokens.at(-1);
    if (last === undefined) return true;
    if (last.kind === "string") return false;
    if (last.kind === "word") return BEFORE_EXPRESSION.has(last.text);
    // `<` stands before a slash only where an element closes.
    return ![")", "]", "}", "<"].includes(last.text);
  }

  #regExp(): void {
    let inClass = false;
    for (let end = this.#at + 1; end < this.#source.length; end++) {
      const char = this.#source[end];
      if (char === "\n") break;
      if (char === "\\") end += 1;
      else if (char === "[") inClass = true;
      else if (char === "]") inClass = false;
      else if (char === "/" && !inClass) {
        // Stands for the expression, so that a slash behind it divides.
        this.#push("string", "");
        this.#at = end + 1;
        WORD.lastIndex = this.#at;
        this.#at += WORD.exec(this.#source)?.[0].length ?? 0;
        return;
      }
    }
    this.#at += 1;
  }

  #skipTo(end: string, beyond: number): void {
    const found = this.#source.indexOf(end, this.#at + 2);
    this.#advance((found === -1 ? this.#source.length : found + beyond) - this.#at);
  }

  #advance(count: number): void {
    for (let i = this.#at; i < this.#at + count; i++) if (this.#source[i] === "\n") this.#line += 1;
    this.#at += count;
  }

  #push(kind: Token["kind"], text: string): void {
    this.#tokens.push({ kind, text, line: this.#line });
  }
}
