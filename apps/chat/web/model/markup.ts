import MarkdownIt from "markdown-it";
import type { Block, Inline } from "./markup-tree.ts";
import { safeHref } from "./text-parts.ts";

/**
 * Reads the markup of a message: bold, italic, struck out, code, blocks of code, quotes, lists and links. No
 * headings, tables, pictures or HTML: those are text. What comes out is a tree and never markup text, so
 * nothing that is written can become an element that is not in it.
 *
 * Loaded when the first text needs it.
 */
export function readMarkup(text: string): readonly Block[] {
  const root = new Open("root");
  const stack = [root];
  for (const token of parser.parse(text, {})) {
    const top = stack.at(-1) ?? root;
    if (token.type === "inline")
      top.blocks.push({ kind: "paragraph", children: inlines(token.children ?? []) });
    else if (token.type === "fence") {
      const language = token.info.trim().split(/\s/, 1)[0] ?? "";
      top.blocks.push({
        kind: "code",
        text: token.content.replace(/\n$/, ""),
        language: language.toLowerCase(),
      });
    } else if (token.nesting > 0) {
      const start = token.type === "ordered_list_open" ? Number(token.attrGet("start") ?? 1) : null;
      stack.push(new Open(token.type, start));
    } else if (token.nesting < 0 && stack.length > 1) {
      stack.pop();
      close(top, stack.at(-1) ?? root);
    }
  }
  return root.blocks;
}

/** Deeper nesting stays text. */
const MAX_NESTING = 12;

const parser = new MarkdownIt("zero", { maxNesting: MAX_NESTING }).enable([
  "fence",
  "list",
  "blockquote",
  "backticks",
  "emphasis",
  "strikethrough",
  "link",
  "autolink",
  "escape",
  "newline",
]);
// An address that can't be followed safely leaves its text as it was written.
parser.validateLink = (address) => safeHref(address) !== null;

/** A block whose end has not come. */
class Open {
  readonly type: string;
  readonly start: number | null;
  readonly blocks: Block[] = [];
  readonly items: (readonly Block[])[] = [];

  constructor(type: string, start: number | null = null) {
    this.type = type;
    this.start = start;
  }
}

function close({ type, start, blocks, items }: Open, parent: Open): void {
  switch (type) {
    case "blockquote_open":
      return void parent.blocks.push({ kind: "quote", children: blocks });
    case "bullet_list_open":
    case "ordered_list_open":
      return void parent.blocks.push({ kind: "list", start, items });
    case "list_item_open":
      return void parent.items.push(blocks);
    default:
      // A paragraph has one text; it stands for itself.
      parent.blocks.push(...blocks);
  }
}

type Token = ReturnType<typeof parser.parse>[number];

const SPANS: Readonly<Record<string, "strong" | "em" | "del">> = {
  strong_open: "strong",
  em_open: "em",
  s_open: "del",
};

function inlines(tokens: readonly Token[]): readonly Inline[] {
  const root: Inline[] = [];
  const stack: { readonly token: Token | null; readonly children: Inline[] }[] = [
    { token: null, children: root },
  ];
  for (const token of tokens) {
    const children = stack.at(-1)?.children ?? root;
    // The parser's own bound is not one for these; a page that draws thousands of them in one another runs out of stack.
    const isDeep = stack.length > MAX_NESTING && token.type in SPANS;
    if (token.nesting > 0 && isDeep) {
      pushText(children, token.markup);
      stack.push({ token: null, children });
    } else if (token.nesting > 0) stack.push({ token, children: [] });
    else if (token.nesting < 0 && stack.length > 1) {
      const closed = stack.pop();
      const outer = stack.at(-1)?.children ?? root;
      if (closed?.token) pushSpan(outer, closed.token, closed.children);
      else pushText(outer, token.markup);
    } else if (token.type === "code_inline") children.push({ kind: "code", text: token.content });
    else pushText(children, token.type.endsWith("break") ? "\n" : token.content);
  }
  return root;
}

function pushSpan(outer: Inline[], token: Token, children: readonly Inline[]): void {
  const kind = SPANS[token.type];
  if (kind !== undefined) return void outer.push({ kind, children });
  const href = safeHref(String(token.attrGet("href")));
  if (href !== null) return void outer.push({ kind: "link", href, children });
  // The parser lets through a link to nowhere, `[a]()`: it is text, as it was written.
  pushText(outer, "[");
  for (const child of children) {
    if (child.kind === "text") pushText(outer, child.text);
    else outer.push(child);
  }
  pushText(outer, "]()");
}

function pushText(children: Inline[], text: string): void {
  if (text === "") return;
  const last = children.at(-1);
  if (last?.kind === "text") children[children.length - 1] = { kind: "text", text: last.text + text };
  else children.push({ kind: "text", text });
}
