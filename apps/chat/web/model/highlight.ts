import core from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import go from "highlight.js/lib/languages/go";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

/** A piece of code; `scope` says what it is, such as `keyword`. */
export type CodePart = string | { readonly scope: string; readonly children: readonly CodePart[] };

const LANGUAGES = {
  bash,
  c,
  css,
  diff,
  go,
  java,
  javascript,
  json,
  python,
  rust,
  sql,
  typescript,
  xml,
  yaml,
};
for (const [name, language] of Object.entries(LANGUAGES)) core.registerLanguage(name, language);

/** Longer code stays in one colour. */
const MAX_CHARACTERS = 8_000;

/** Cuts code into what it is made of; null where the language is not one of these. Loaded when code is shown. */
export function highlight(text: string, language: string): readonly CodePart[] | null {
  if (text.length > MAX_CHARACTERS || core.getLanguage(language) === undefined) return null;
  const { _emitter } = core.highlight(text, { language, ignoreIllegals: true });
  // The tree behind what the library prints as HTML: it is what its own printer walks.
  return partsOf((_emitter as unknown as { readonly rootNode: unknown }).rootNode);
}

function partsOf(node: unknown): readonly CodePart[] | null {
  const { children } = node as { readonly children?: readonly unknown[] };
  if (!Array.isArray(children)) return null;
  return children.map((child: unknown): CodePart => {
    if (typeof child === "string") return child;
    const { scope } = child as { readonly scope?: string };
    return { scope: (scope ?? "").split(".", 1)[0] ?? "", children: partsOf(child) ?? [] };
  });
}
