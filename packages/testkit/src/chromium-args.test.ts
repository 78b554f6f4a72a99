import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { CHROMIUM_ARGS } from "./chromium-args.ts";

test("what Playwright switches off in Chromium stays off, though the tests' own list takes the place of its", () => {
  const entry = createRequire(import.meta.url).resolve("playwright-core");
  const bundle = readFileSync(join(dirname(entry), "lib", "coreBundle.js"), "utf8");
  const list = /disabledFeatures = \[(.*?)\]\.filter/s.exec(bundle)?.[1] ?? "";
  const names = [...list.matchAll(/^\s*"(\w+)",?$/gm)].map(([, name]) => name);
  assert.ok(names.length > 5, "the list was found");
  const own = CHROMIUM_ARGS.find((each) => each.startsWith("--disable-features="))
    ?.split("=")[1]
    ?.split(",");
  assert.deepEqual(
    names.filter((name) => own?.includes(name ?? "") !== true),
    [],
  );
});
