import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { bundleCommand } from "./bundle-command.ts";

const ROOT = join(import.meta.dirname, "..");

test("the command that is bundled serves the page with processes and threads of its own, none of them from sources", async (t) => {
  mkdirSync(join(ROOT, ".build"), { recursive: true });
  const made = mkdtempSync(join(ROOT, ".build", "bundle-"));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  const command = await bundleCommand(ROOT, join(made, "command"));
  // What a thread or process begins with is named in the bundle as it was built.
  const files = readdirSync(join(made, "command"), { recursive: true }).map(String);
  for (const name of ["worker-main", "owner-main", "writer-worker", "ledger-worker", "search-worker"])
    assert.ok(
      files.some((file) => file.endsWith(`${name}.mjs`)),
      name,
    );
  const args = [command, "--port", "0", "--data", join(made, "data"), "--workers", "2"];
  const child = spawn(process.execPath, ["--no-strip-types", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  let url: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    url = / serves (http:\S+)$/.exec(line)?.[1];
    if (url !== undefined) break;
  }
  assert.ok(url !== undefined, "it serves");
  const page = await fetch(url, { headers: { connection: "close" } });
  assert.match(await page.text(), /<div id="app"/);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});
