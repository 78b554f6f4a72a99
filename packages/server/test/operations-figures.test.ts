import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SqliteLog } from "@parlor/log";

const DOCS = join(import.meta.dirname, "..", "..", "..", "docs");

const page = readFileSync(join(DOCS, "operations.md"), "utf8");

function section(title: string): string {
  const text = new RegExp(`## ${title}\\n([^]*?)\\n## `).exec(page)?.[1];
  return text ?? assert.fail(`there is a section ${title}`);
}

test("[DOC-4] every figure in bold stands in the results of the benchmark that the page names", () => {
  const results =
    /\]\((\.\.\/bench\/results\/[^)]+)\)/.exec(section("Sizing"))?.[1] ?? assert.fail("none named");
  const measured = readFileSync(join(DOCS, results), "utf8");
  const cells = new Set(measured.split(/\||,/).map((cell) => cell.trim()));
  const figures = [section("Sizing"), section("What each guarantee costs")].flatMap((text) =>
    [...text.matchAll(/\*\*(\d[^*]*)\*\*/g)].map(([, figure]) => figure ?? ""),
  );
  assert.ok(figures.length >= 15);
  for (const figure of figures) assert.ok(cells.has(figure), `${figure} is in ${results}`);
});

test("[DOC-4] a message of 100 bytes takes as many bytes on the disk as the page says", async () => {
  const said = Number(/message of 100 bytes on the disk \| (\d+) bytes/.exec(section("Sizing"))?.[1]);
  const folder = mkdtempSync(join(tmpdir(), "parlor-figures-"));
  try {
    const log = await SqliteLog.open({ folder });
    const count = 20_000;
    const writer = { room: "sized", from: "i".repeat(22), producer: "p".repeat(16) };
    const bodyJson = JSON.stringify({ text: "x".repeat(89) });
    assert.equal(bodyJson.length, 100);
    const seqs = Array.from({ length: count }, (_, i) => i + 1);
    await Promise.all(
      seqs.map((seq) =>
        log.append({ ...writer, seq, afterSeq: seq - 1, bodyJson, remember: true, admit: "any" }),
      ),
    );
    await log.close();
    const bytes = statSync(join(folder, "parlor.db")).size / count;
    assert.ok(Math.abs(bytes - said) < 0.05 * said, `${bytes} bytes`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
