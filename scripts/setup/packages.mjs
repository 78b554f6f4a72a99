import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { runChild } from "./run-child.mjs";
import { SetupError } from "./setup-error.mjs";

const OLDEST_NODE_FOR_SOURCES = 24;

/** Whether what is installed is what package-lock.json says, by the hash noted when it was installed. */
export function arePackagesFresh(root) {
  if (nodeForSources(root) === null) return false;
  const note = readText(join(root, "node_modules", ".parlor-setup"));
  if (note !== null) return note.trim() === lockHash(root);
  if (!isInstalledByHand(root)) return false;
  noteFresh(root);
  return true;
}

export async function installPackages(root, say) {
  say("installing the packages of package-lock.json (npm ci), about half a minute");
  const { command, args, env } = npm();
  const { exitCode, output } = await runChild(command, [...args, "ci"], { cwd: root, env });
  if (exitCode !== 0) {
    process.stderr.write(output);
    throw new SetupError(
      "npm ci failed, as printed above. Check that this machine reaches its npm registry, then run: npm ci",
    );
  }
  if (nodeForSources(root) === null) {
    throw new SetupError(
      `the sources run on Node ${OLDEST_NODE_FOR_SOURCES}, which npm installs for Linux (x64, arm64) and macOS (arm64); ` +
        `here (${process.platform}, ${process.arch}) install Node ${OLDEST_NODE_FOR_SOURCES} and run this with it`,
    );
  }
  noteFresh(root);
}

/** The Node that runs the sources: the one of the packages, else this one where it is new enough. */
export function nodeForSources(root) {
  const own = join(root, "node_modules", ".bin", "node");
  if (existsSync(own)) return own;
  return Number(process.versions.node.split(".")[0]) >= OLDEST_NODE_FOR_SOURCES ? process.execPath : null;
}

function noteFresh(root) {
  writeAtomically(join(root, "node_modules", ".parlor-setup"), `${lockHash(root)}\n`);
}

/**
 * Whether somebody ran `npm ci` without us: every package that is installed is the one of the lock, and
 * none is missing but those that are optional.
 */
function isInstalledByHand(root) {
  const text = readText(join(root, "node_modules", ".package-lock.json"));
  if (text === null) return false;
  const installed = JSON.parse(text).packages;
  const locked = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  for (const [path, entry] of Object.entries(installed)) {
    if (locked[path]?.version !== entry.version || locked[path]?.integrity !== entry.integrity) return false;
  }
  return Object.entries(locked).every(
    ([path, entry]) => !path.startsWith("node_modules/") || entry.optional === true || path in installed,
  );
}

function lockHash(root) {
  return createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
}

/**
 * The npm that runs this, under the Node that runs it: `npm ci` replaces node_modules, and with it the
 * Node that a stale one put in front of the PATH.
 */
function npm() {
  const isBin = (folder) => folder.endsWith(join("node_modules", ".bin"));
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !isBin(folder));
  const node = process.env.npm_node_execpath;
  const cli = process.env.npm_execpath;
  const env = { ...process.env, PATH: path.join(delimiter) };
  if (node === undefined || cli === undefined || !existsSync(node) || !existsSync(cli)) {
    return { command: "npm", args: [], env };
  }
  return { command: node, args: [cli], env: { ...env, PATH: [dirname(node), ...path].join(delimiter) } };
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

/** Whole or not at all, whoever else writes it at the same time. */
export function writeAtomically(path, text) {
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, text);
  renameSync(aside, path);
}
