import { existsSync, globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { Problem } from "./problem.ts";
import { sourceFiles } from "./source-files.ts";

/** Pages that must be there. */
const REQUIRED = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "docs/protocol.md",
  "docs/guarantees.md",
  "docs/errors.md",
  "packages/testkit/README.md",
];
/** A piece of code in the text is taken for a path of ours where it begins with one of these. */
const TOP_FOLDERS = [
  "packages/",
  "apps/",
  "examples/",
  "bench/",
  "torture/",
  "simulation/",
  "floods/",
  "docs/",
  "scripts/",
  ".ci/",
];
/** On this page a bare file name is a citation too, and some file must have it. */
const CITES_BARE_NAMES = "ARCHITECTURE.md";
const BARE_NAME = /^\.?[\w-]+(\.[\w-]+)*\.(ts|tsx|mjs|css|md|json)$/;

/** Checks that every path and every relative link that our pages cite leads somewhere. */
export function checkDocPaths(root: string): Problem[] {
  const problems: Problem[] = [];
  for (const path of REQUIRED) {
    if (!existsSync(join(root, path))) problems.push({ path, message: "is missing" });
  }
  const all = sourceFiles(root, [""]);
  const names = new Set(all.map((path) => posix.basename(path)));
  for (const page of all.filter((path) => path.endsWith(".md") && isOurPage(path))) {
    const text = readFileSync(join(root, page), "utf8");
    for (const { line, code, link } of citations(text)) {
      const isThere =
        link === undefined ? isCodeThere(root, page, code ?? "", names) : isLinkThere(root, page, link);
      if (!isThere)
        problems.push({ path: page, line, message: `cites ${link ?? code}, which does not exist` });
    }
  }
  return problems;
}

function isOurPage(path: string): boolean {
  return !path.includes("/") || path.startsWith("docs/") || /^packages\/[\w-]+\/README\.md$/.test(path);
}

interface Citation {
  readonly line: number;
  readonly code?: string;
  readonly link?: string;
}

/** Pieces of code and targets of links, outside fenced blocks. */
function* citations(text: string): Generator<Citation> {
  let isFenced = false;
  for (const [index, content] of text.split("\n").entries()) {
    const line = index + 1;
    if (/^\s*(```|~~~)/.test(content)) isFenced = !isFenced;
    if (isFenced) continue;
    for (const [, code] of content.matchAll(/`([^`]+)`/g)) yield { line, code: code as string };
    const withoutCode = content.replaceAll(/`[^`]*`/g, "code");
    for (const [, link] of withoutCode.matchAll(/\]\(([^()\s]+)\)/g)) yield { line, link: link as string };
  }
}

function isCodeThere(root: string, page: string, code: string, names: ReadonlySet<string>): boolean {
  const path = code.replace(/:\d+(-\d+)?$/, "");
  if (page === CITES_BARE_NAMES && BARE_NAME.test(path)) return names.has(path);
  if (!TOP_FOLDERS.some((folder) => path.startsWith(folder)) || /[\s<>{}]/.test(path)) return true;
  return path.includes("*") ? globSync(path, { cwd: root }).length > 0 : existsSync(join(root, path));
}

function isLinkThere(root: string, page: string, link: string): boolean {
  if (/^([a-z]+:|#|\/)/i.test(link)) return true;
  const target = decodeURI(link.replace(/#.*$/, ""));
  return existsSync(join(root, posix.join(posix.dirname(page), target)));
}
