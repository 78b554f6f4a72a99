/** One line of a chart: moments and prices, ascending in time. */
export interface Line {
  readonly points: readonly (readonly [atMs: number, cents: number])[];
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
  const density = devicePixelRatio;
  const [pixelWidth, pixelHeight] = [Math.round(width * density), Math.round(height * density)];
  // Setting a size clears the picture, and costs something even where it is the same.
  if (canvas.width !== pixelWidth) canvas.width = pixelWidth;
  if (canvas.height !== pixelHeight) canvas.height = pixelHeight;
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  pen.setTransform(density, 0, 0, density, 0, 0);
  pen.clearRect(0, 0, width, height);
  const all = lines.flatMap(({ points }) =>
    points.filter(([atMs]) => atMs >= fromMs).map(([, cents]) => cents),
  );
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const x = (atMs: number): number => ((atMs - fromMs) / (toMs - fromMs)) * width;
  const y = (cents: number): number => height - 2 - ((cents - low) / (high - low || 1)) * (height - 4);
  pen.lineWidth = 1.5;
  for (const { points, color } of lines) {
    const [first] = points;
    if (first === undefined) continue;
    pen.strokeStyle = color;
    pen.beginPath();
    pen.moveTo(x(first[0]), y(first[1]));
    let last = first[1];
    for (const [atMs, cents] of points) {
      pen.lineTo(x(atMs), y(last));
      pen.lineTo(x(atMs), y(cents));
      last = cents;
    }
    pen.lineTo(width, y(last));
    pen.stroke();
  }
}
