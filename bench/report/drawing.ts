import type { Bar, Chart } from "../scenarios/bench.ts";

const WIDTH = 760;
const LABEL_WIDTH = 210;
const VALUE_WIDTH = 90;
const BAR_HEIGHT = 18;
const ROW_HEIGHT = 26;
const TITLE_HEIGHT = 34;
const GAP = 22;

/** Charts of bars, one below the other, as an SVG that is readable on light and on dark pages. */
export function drawCharts(charts: readonly Chart[]): string {
  const parts: string[] = [];
  let top = GAP;
  for (const chart of charts) {
    parts.push(...drawChart(chart, top));
    top += TITLE_HEIGHT + chart.bars.length * ROW_HEIGHT + GAP;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" role="img" aria-label="Results of the benchmark">`,
    STYLE,
    `<rect class="page" width="${WIDTH}" height="${top}"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function drawChart({ title, bars, target }: Chart, top: number): string[] {
  const most = Math.max(...bars.map(({ value }) => value).filter(Number.isFinite), target ?? 0);
  const wide = WIDTH - LABEL_WIDTH - VALUE_WIDTH - GAP;
  const scaled = (value: number): number => (most > 0 ? Math.max(1, (value / most) * wide) : 1);
  const first = top + TITLE_HEIGHT;
  const drawn = bars.map((bar, row) => drawBar(bar, row, first + row * ROW_HEIGHT, scaled(bar.value)));
  const x = LABEL_WIDTH + scaled(target ?? 0);
  const bottom = first + bars.length * ROW_HEIGHT - 4;
  const line =
    target === undefined
      ? []
      : [`<line class="target" x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${first - 6}" y2="${bottom}"/>`];
  return [`<text class="title" x="${GAP}" y="${top + 14}">${escaped(title)}</text>`, ...drawn, ...line];
}

function drawBar({ label, shown, value }: Bar, row: number, y: number, width: number): string {
  const middle = y + BAR_HEIGHT / 2 + 4;
  const bar = Number.isFinite(value)
    ? `<rect class="${row === 0 ? "own" : "other"}" x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" rx="3"/>`
    : "";
  const end = LABEL_WIDTH + (Number.isFinite(value) ? width : 0) + 8;
  return (
    `<text class="label" x="${LABEL_WIDTH - 10}" y="${middle}">${escaped(label)}</text>${bar}` +
    `<text class="value" x="${end.toFixed(1)}" y="${middle}">${escaped(shown)}</text>`
  );
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

const STYLE = `<style>
  text { font: 13px system-ui, sans-serif; fill: #1c2330; }
  .title { font-weight: 600; font-size: 14px; }
  .label { text-anchor: end; }
  .value { fill: #56607a; }
  .page { fill: #ffffff; }
  .own { fill: #2f6fdb; }
  .other { fill: #aab4c6; }
  .target { stroke: #c2410c; stroke-width: 1.5; stroke-dasharray: 4 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6eaf2; }
    .value { fill: #a3adc2; }
    .page { fill: #12161f; }
    .own { fill: #6ea0ff; }
    .other { fill: #4a5468; }
    .target { stroke: #fb923c; }
  }
</style>`;
