/**
 * Looks for names of the socket's own members (member-names.json) with which its file is smaller once it is gzipped:
 * members change names, and who makes the file no larger keeps them. Any names do; what these save grows old as the
 * sources change, and is found again by `node packages/client/name-members.ts [SECONDS]`.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { systemClock, systemRandom } from "@parlor/base";
import { buildSocket, MEMBER_NAMES } from "./build-socket.ts";

const SECONDS = Number(process.argv[2] ?? 60);
const FILE = join(import.meta.dirname, "member-names.json");

const members = Object.keys(MEMBER_NAMES);
// A sign that nothing else in the file has stands for each of them, so that names can be put in without a parser.
const signOf = (index: number): string => `$${index}$`;
const [file] = buildSocket(
  "socket.js",
  Object.fromEntries(members.map((name, index) => [name, signOf(index)])),
);
const pieces = (file?.contents ?? "").split(/\$(\d+)\$/);

function sizeWith(names: readonly string[]): number {
  const text = pieces.map((piece, at) => (at % 2 === 0 ? piece : names[Number(piece)])).join("");
  return gzipSync(text, { level: 9 }).length;
}

let names = Object.values(MEMBER_NAMES);
let bytes = sizeWith(names);
const before = bytes;
const any = (): number => Math.floor(systemRandom() * names.length);
const endMs = systemClock.monotonic() + SECONDS * 1_000;
while (systemClock.monotonic() < endMs) {
  const changed = [...names];
  for (const swaps = systemRandom() < 0.2 ? [0, 1] : [0]; swaps.length > 0; swaps.pop()) {
    const [a, b] = [any(), any()];
    [changed[a], changed[b]] = [changed[b] ?? "", changed[a] ?? ""];
  }
  const size = sizeWith(changed);
  if (size > bytes) continue;
  bytes = size;
  names = changed;
}
const found = Object.fromEntries(members.map((name, index) => [name, names[index]]));
writeFileSync(FILE, `${JSON.stringify(found, null, 2)}\n`);
process.stdout.write(`${before} bytes before, ${bytes} now\n`);
