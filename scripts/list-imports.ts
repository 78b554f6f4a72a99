import { tokenize, type Token } from "./source-tokens.ts";

export interface Import {
  /** What stands between the quotes; null where it is computed, so that no checker can know it. */
  readonly specifier: string | null;
  readonly line: number;
  /**
   *   import   `import …`, `export … from …`, `require(…)`; of values or types
   *   dynamic  `import(…)`, of a value or as a type
   *   file     `new URL("./x.ts", import.meta.url)`, as a worker's file is named
   */
  readonly kind: "import" | "dynamic" | "file";
}

/** Everything that a source file brings in from another one, whatever way it is written. */
export function listImports(source: string): Import[] {
  const tokens = tokenize(source);
  const found: Import[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const each = importAt(tokens, i);
    if (each !== null) found.push(each);
  }
  return found;
}

function importAt(tokens: readonly Token[], i: number): Import | null {
  const token = tokens[i] as Token;
  if (token.kind !== "word" || isMember(tokens, i)) return null;
  const { line } = token;
  const next = tokens[i + 1];
  switch (token.text) {
    case "import":
      if (next?.kind === "string") return { specifier: next.text, line, kind: "import" };
      if (is(next, "(")) return { specifier: argument(tokens, i + 2), line, kind: "dynamic" };
      return fromClause(tokens, i + 1, line);
    case "export":
      return is(next, "*") || is(next, "{") || isTypeList(tokens, i + 1)
        ? fromClause(tokens, i + 1, line)
        : null;
    case "require":
      return is(next, "(") ? { specifier: argument(tokens, i + 2), line, kind: "import" } : null;
    case "URL":
      return fileOfWorker(tokens, i, line);
    default:
      return null;
  }
}

/** `a.import` and `{ import: 1 }` are names, not imports. */
function isMember(tokens: readonly Token[], i: number): boolean {
  return is(tokens[i - 1], ".") || is(tokens[i + 1], ":");
}

/** `export type { … }` and `export type * …`, but not `export type X = …`. */
function isTypeList(tokens: readonly Token[], i: number): boolean {
  return is(tokens[i], "type") && (is(tokens[i + 1], "{") || is(tokens[i + 1], "*"));
}

/** Between `import` or `export` and `from "x"` stand only names, commas, braces and stars. */
function fromClause(tokens: readonly Token[], from: number, line: number): Import | null {
  for (let i = from; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    const next = tokens[i + 1];
    if (is(token, "from") && next?.kind === "string") return { specifier: next.text, line, kind: "import" };
    if (token.kind === "punctuation" && !["{", "}", ",", "*"].includes(token.text)) return null;
    if (is(token, "}") && !is(next, "from")) return null;
  }
  return null;
}

function argument(tokens: readonly Token[], i: number): string | null {
  const [first, after] = [tokens[i], tokens[i + 1]];
  return first?.kind === "string" && (is(after, ")") || is(after, ",")) ? first.text : null;
}

function fileOfWorker(tokens: readonly Token[], i: number, line: number): Import | null {
  const [open, path, comma, ...rest] = tokens.slice(i + 1, i + 9);
  const isRelativeToHere =
    rest
      .slice(0, 5)
      .map((token) => token.text)
      .join("") === "import.meta.url";
  if (!is(open, "(") || path?.kind !== "string" || !is(comma, ",") || !isRelativeToHere) return null;
  // Folders and data are named so too; they are no code of ours.
  if (!/\.(ts|tsx|mjs|js)$/.test(path.text) || path.text.includes(":")) return null;
  const specifier = path.text.startsWith(".") ? path.text : `./${path.text}`;
  return { specifier, line, kind: "file" };
}

function is(token: Token | undefined, text: string): boolean {
  return token !== undefined && token.kind !== "string" && token.text === text;
}
