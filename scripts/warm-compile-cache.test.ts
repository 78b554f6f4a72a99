import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { warmCompileCache } from "./warm-compile-cache.ts";

test("once the command was started and ended in order, its modules are in the cache", async () => {
  const cache = mkdtempSync(join(tmpdir(), "parlor-cache-"));
  try {
    await warmCompileCache(join(import.meta.dirname, ".."), cache);
    const [folder = ""] = readdirSync(cache);
    assert.ok(readdirSync(join(cache, folder)).length > 300);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
});
