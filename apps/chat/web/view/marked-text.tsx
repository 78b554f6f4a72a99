import { Loaded } from "../model/loaded.ts";
import type { CodePart } from "../model/highlight.ts";
import { isMisleading } from "../model/link-words.ts";
import type { Block, Inline } from "../model/markup-tree.ts";
import { LinkedText, MentionedText, OutwardLink } from "./linked-text.tsx";

const highlighting = new Loaded(() => import("../model/highlight.ts"));

interface Reader {
  /** The reader's name. */
  readonly me: string | null;
}

export { readMarkup } from "../model/markup.ts";

let isTelling = false;

/** As the `ref` of what such a text is drawn into: the list that holds its rows hears of all that are drawn together. */
export function tellGrown(element: HTMLElement | null): void {
  if (element === null || isTelling) return;
  isTelling = true;
  queueMicrotask(() => {
    isTelling = false;
    element.dispatchEvent(new Event("grown", { bubbles: true }));
  });
}

/** A text whose markup was read. */
export function MarkedText({ blocks, me }: Reader & { readonly blocks: readonly Block[] }) {
  return <>{blocks.map((block) => blockView(block, me))}</>;
}

function blockView(block: Block, me: string | null): preact.VNode {
  switch (block.kind) {
    case "paragraph":
      return <p dir="auto">{inlineViews(block.children, me, false)}</p>;
    case "quote":
      return <blockquote>{block.children.map((child) => blockView(child, me))}</blockquote>;
    case "list": {
      const items = block.items.map((item) => <li>{item.map((child) => blockView(child, me))}</li>);
      return block.start === null ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>;
    }
    case "code":
      return <CodeBlock text={block.text} language={block.language} />;
  }
}

function inlineViews(
  children: readonly Inline[],
  me: string | null,
  isInLink: boolean,
): preact.ComponentChildren {
  return children.map((child) => {
    switch (child.kind) {
      case "text":
        // What stands in a link must not hold another one.
        return isInLink ? (
          <MentionedText text={child.text} me={null} />
        ) : (
          <LinkedText text={child.text} me={me} />
        );
      case "code":
        return <code dir="ltr">{child.text}</code>;
      case "link":
        return <MarkedLink href={child.href}>{child.children}</MarkedLink>;
      case "strong":
        return <strong>{inlineViews(child.children, me, isInLink)}</strong>;
      case "em":
        return <em>{inlineViews(child.children, me, isInLink)}</em>;
      case "del":
        return <del>{inlineViews(child.children, me, isInLink)}</del>;
    }
  });
}

/** Where a link's words look like another address than it has, the address is shown instead. */
function MarkedLink({ href, children }: { readonly href: string; readonly children: readonly Inline[] }) {
  return (
    <OutwardLink href={href}>
      {isMisleading(plainText(children), href) ? <bdi>{href}</bdi> : inlineViews(children, null, true)}
    </OutwardLink>
  );
}

function plainText(children: readonly Inline[]): string {
  return children.map((child) => ("text" in child ? child.text : plainText(child.children))).join("");
}

function CodeBlock({ text, language }: { readonly text: string; readonly language: string }) {
  const parts = language === "" ? null : (highlighting.value?.highlight(text, language) ?? null);
  return (
    <pre dir="ltr" tabIndex={0} aria-label={language === "" ? "Code" : `Code, ${language}`}>
      <code>{parts === null ? text : codeViews(parts)}</code>
    </pre>
  );
}

function codeViews(parts: readonly CodePart[]): preact.ComponentChildren {
  return parts.map((part) =>
    typeof part === "string" ? part : <span class={`code-${part.scope}`}>{codeViews(part.children)}</span>,
  );
}
