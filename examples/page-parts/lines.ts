import { freshPen } from "./page.ts";

/** One line of a chart: moments and values, ascending in time. */
export interface Line {
  readonly points: readonly (readonly [atMs: number, value: number])[];
  readonly color: string;
}

/** Draws lines as steps, from `fromMs` at the left edge to `toMs` at the right, as high as the canvas is. */
export function drawLines(
  canvas: HTMLCanvasElement,
  lines: readonly Line[],
  fromMs: number,
  toMs: number,
): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const pen = freshPen(canvas);
  const all = lines.flatMap(({ points }) =>
    points.filter(([atMs]) => atMs >= fromMs).map(([, value]) => value),
  );
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const x = (atMs: number): number => ((atMs - fromMs) / (toMs - fromMs)) * width;
  const y = (value: number): number => height - 2 - ((value - low) / (high - low || 1)) * (height - 4);
  pen.lineWidth = 1.5;
  for (const { points, color } of lines) {
    const [first] = points;
    if (first === undefined) continue;
    pen.strokeStyle = color;
    pen.beginPath();
    pen.moveTo(x(first[0]), y(first[1]));
    let [, last] = first;
    for (const [atMs, value] of points) {
      pen.lineTo(x(atMs), y(last));
      pen.lineTo(x(atMs), y(value));
      last = value;
    }
    pen.lineTo(width, y(last));
    pen.stroke();
  }
}
