import "../need-node-24.ts";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@parlor/base";
import { SUBJECT_NAMES, type SubjectName, type SubjectResults, SuiteStage } from "./suite-stage.ts";
import { suitePage } from "./suite-table.ts";

/**
 * Puts every implementation to every case, and writes `docs/websocket-suite.md`:
 *
 *     node bench/websocket-suite/write-table.ts
 *
 * Some minutes, since whoever fails is waited for.
 */
const ROOT = join(import.meta.dirname, "..", "..");
const PATIENCE_MS = { ours: 10_000, theirs: 2_000 };

function versionOf(name: string): string {
  const manifest = readFileSync(join(ROOT, "node_modules", name, "package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

await using stage = await SuiteStage.set();
const results = new Map<SubjectName, SubjectResults>();
for (const subject of SUBJECT_NAMES) {
  const isPeer = subject === "partysocket" || subject === "reconnecting-websocket";
  results.set(
    subject,
    await stage.run({ subject, patienceMs: isPeer ? PATIENCE_MS.theirs : PATIENCE_MS.ours }),
  );
  process.stdout.write(`${subject} is done\n`);
}
const versions = {
  partysocket: versionOf("partysocket"),
  "reconnecting-websocket": versionOf("reconnecting-websocket"),
};
writeFileSync(
  join(ROOT, "docs", "websocket-suite.md"),
  suitePage({
    day: new Date(systemClock.now()).toISOString().slice(0, 10),
    browser: stage.browser,
    versions,
    results,
  }),
);
