import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { nodeForSources, writeAtomically } from "./packages.mjs";
import { runChild } from "./run-child.mjs";
import { SetupError } from "./setup-error.mjs";

/** Folders whose files the built page is made of. */
const SOURCES = [
  "apps/chat/web",
  "packages/client/src",
  "packages/protocol/src",
  "packages/base/src",
  "examples",
];
const NOT_SOURCES = new Set(["node_modules", "dist"]);

/** Whether the built page was made of the sources as they are, by the hash noted beside it. */
export function isPageFresh(root) {
  const note = noteOf(root);
  return existsSync(note) && readFileSync(note, "utf8").trim() === sourcesHash(root);
}

export async function buildPage(root, say) {
  say("building the page");
  // Taken before the build: a source saved meanwhile makes the page stale, not silently fresh.
  const hash = sourcesHash(root);
  const build = join("apps", "chat", "web", "build.ts");
  const { exitCode, output } = await runChild(nodeForSources(root), [build], { cwd: root });
  if (exitCode !== 0) {
    process.stderr.write(output);
    throw new SetupError("the page could not be built, as printed above");
  }
  writeAtomically(noteOf(root), `${hash}\n`);
}

/** Inside what is built, so that whoever deletes that deletes the note too. */
function noteOf(root) {
  return join(root, "apps", "chat", "web", "dist", ".parlor-build");
}

function sourcesHash(root) {
  const hash = createHash("sha256");
  const add = (path) =>
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  add("package-lock.json");
  for (const folder of SOURCES) for (const path of filesBelow(root, folder)) add(path);
  return hash.digest("hex");
}

function* filesBelow(root, folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (NOT_SOURCES.has(entry.name) || entry.name.includes(".test.")) continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(root, path);
    else if (entry.isFile()) yield path;
  }
}
