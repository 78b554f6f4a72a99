import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ScenarioResult } from "../scenarios/bench.ts";
import { median, medianRatio, rotated } from "../scenarios/median.ts";
import { percent } from "../scenarios/words.ts";
import { drawCharts } from "./drawing.ts";
import { checksTable, markdownTable, textTable } from "./table.ts";

describe("the report", () => {
  test("says of each target whether it was reached", () => {
    const check = { what: "speed", target: "≥ 2 ×", measured: "1.50 ×", isReached: false };
    const result = { name: "busy-room", checks: [check] } as unknown as ScenarioResult;
    assert.deepEqual(checksTable([result]).rows, [["busy-room", "speed", "≥ 2 ×", "1.50 ×", "NO"]]);
  });

  test("a table has its columns under one another, and is Markdown where asked", () => {
    const table = { columns: ["server", "p99"], rows: [["ws", "1 ms"]] };
    assert.equal(textTable(table), "  server   p99\n  ws       1 ms");
    assert.equal(markdownTable(table), "| server | p99 |\n| --- | --- |\n| ws | 1 ms |");
  });

  test("a drawing holds every bar in proportion, and a missing value as words only", () => {
    const svg = drawCharts([
      {
        title: "a < b",
        bars: [
          { label: "Parlor", value: 200, shown: "200" },
          { label: "ws", value: 100, shown: "100" },
          { label: "gone", value: Number.NaN, shown: "none" },
        ],
      },
    ]);
    const widths = [...svg.matchAll(/class="(?:own|other)"[^>]* width="([\d.]+)"/g)].map(([, width]) =>
      Number(width),
    );
    assert.equal(widths.length, 2);
    assert.ok(Math.abs((widths[0] ?? 0) / (widths[1] ?? 1) - 2) < 0.01);
    assert.match(svg, /a &lt; b/);
    assert.match(svg, />none</);
  });

  test("a share that is not all is never shown as all", () => {
    assert.equal(percent(1), "100 %");
    assert.equal(percent(0.99999), "99.9 %");
  });

  test("ratios are taken round by round, and everybody has another place in each", () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
    assert.equal(medianRatio([10, 40, 9], [5, 10, 3]), 3);
    assert.deepEqual(rotated(["a", "b", "c"], 4), ["b", "c", "a"]);
  });
});
