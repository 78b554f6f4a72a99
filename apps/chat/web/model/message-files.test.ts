import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isShownImage, messageFiles } from "./message-files.ts";

const hash = "0123456789abcdef".repeat(4);

describe("files of a message", () => {
  test("[FILE-40] what a body names as files is read as far as it can be one, and no further", () => {
    const image = { hash, name: "a.png", type: "image/png", size: 10, width: 4, height: 3 };
    assert.deepEqual(messageFiles({ files: [image] }), [image]);
    assert.deepEqual(messageFiles({ files: [{ hash, size: 3, width: -1, height: 1e9, name: 7 }] }), [
      { hash, name: "file", type: "", size: 3 },
    ]);
    const [misleading] = messageFiles({ files: [{ hash, size: 1, name: "invoice\u202efdp.exe" }] }) ?? [];
    assert.equal(misleading?.name, "invoicefdp.exe");
    for (const files of [
      undefined,
      "x",
      {},
      [],
      ["a"],
      [{ hash: `${hash}/..`, size: 1 }],
      [{ hash, size: "1" }],
    ]) {
      assert.equal(messageFiles({ files }), null);
    }
    assert.equal(messageFiles({ files: Array.from({ length: 50 }, () => image) })?.length, 20);
  });

  test("[FILE-40] only plain pictures with a size are shown in place; a drawing that is a program is not", () => {
    const file = { hash, name: "a", size: 1, width: 1, height: 1 };
    assert.ok(isShownImage({ ...file, type: "image/webp" }));
    for (const type of ["image/svg+xml", "text/html", "image/png; x", "video/mp4"])
      assert.ok(!isShownImage({ ...file, type }));
    assert.ok(!isShownImage({ hash, name: "a", size: 1, type: "image/png" }));
  });
});
