import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import wire from "../fixtures/wire.json" with { type: "json" };
import { PROTOCOL_VERSION } from "./version.ts";

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");

/** The declarations of a file without what may change freely: comments, blanks, the order of nothing else. */
function declarations(name: string): string {
  return read(name)
    .replaceAll(/\/\*[^]*?\*\//g, "")
    .replaceAll(/\/\/.*$/gm, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

test("[FRAME-13] the frames are those that were noted, or the change is noted with its reason", () => {
  const shape = ["client-frames.ts", "server-frames.ts"].map(declarations).join("\n");
  const hash = createHash("sha256").update(shape).digest("hex").slice(0, 16);
  assert.equal(
    hash,
    wire.frames,
    [
      "The declarations of the frames changed, and with them the wire.",
      "1. Would a peer of before misread it? Then it is a new version: raise PROTOCOL_VERSION and SUBPROTOCOL in version.ts.",
      "2. In either case add a line with the date and the reason to the history in version.ts.",
      "3. Add golden frames to fixtures/client-frames.json or fixtures/server-frames.json.",
      "4. Say it in docs/protocol.md, for authors of clients.",
      `5. Then note "frames": "${hash}" in fixtures/wire.json.`,
    ].join("\n"),
  );
});

test("[FRAME-13] the version has its line in the history, and the note is of this version", () => {
  assert.equal(wire.version, PROTOCOL_VERSION);
  assert.match(read("version.ts"), new RegExp(`^ \\* ${PROTOCOL_VERSION} {2}\\d{4}-\\d{2} {2}\\S`, "m"));
});
