import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeOptionsOf } from "./node-options.ts";

test("Parlor is measured with the options that npm start gives to Node, the others with none", () => {
  assert.ok(nodeOptionsOf("parlor").every((option) => option.startsWith("--")));
  assert.deepEqual(nodeOptionsOf("ws"), []);
});
