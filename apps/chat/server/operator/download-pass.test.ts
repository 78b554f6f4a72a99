import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { downloadPass, readDownloadPass } from "./download-pass.ts";

const KEY = "the operator's";
const BEGAN_MS = 1_000_000;

describe("a pass for a download", () => {
  const pass = downloadPass({ kind: "export", of: "night train ☾" }, KEY, BEGAN_MS);

  test("[OPERATOR-7] is for what was asked, for a minute", () => {
    assert.deepEqual(readDownloadPass(pass, KEY, BEGAN_MS), { kind: "export", of: "night train ☾" });
    assert.notEqual(readDownloadPass(pass, KEY, BEGAN_MS + 59_999), null);
    assert.equal(readDownloadPass(pass, KEY, BEGAN_MS + 60_000), null);
  });

  test("[OPERATOR-7] gives nothing where it is of another key, changed, or none at all", () => {
    assert.equal(readDownloadPass(pass, `${KEY}!`, BEGAN_MS), null);
    const [said = "", mac = ""] = pass.split(".");
    const other = Buffer.from(JSON.stringify([BEGAN_MS + 60_000, "export", "other"])).toString("base64url");
    for (const bad of [
      "",
      ".",
      said,
      `${said}.`,
      `${other}.${mac}`,
      `${said}.${mac.toUpperCase()}`,
      `${pass}x`,
    ])
      assert.equal(readDownloadPass(bad, KEY, BEGAN_MS), null, bad);
  });
});
