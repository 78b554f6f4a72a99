import { useState } from "preact/hooks";
import { MAX_POINTS, type Point } from "./figures.ts";

const WIDTH = 300;
const HEIGHT = 64;
const MIN_SPAN = 60;

/** One figure over the last minutes: a line in an SVG of its own, since that is all there is to draw. */
export function Chart(props: {
  readonly title: string;
  readonly points: readonly Point[];
  readonly value: (point: Point) => number | null;
  readonly say: (value: number) => string;
  /** Something is wrong where it is above 0. */
  readonly isCare?: boolean;
}) {
  const { title, points, value, say, isCare = false } = props;
  const [pointed, setPointed] = useState<number | null>(null);
  const values = points.map(value);
  const known = values.filter((each) => each !== null);
  // A page that was just opened shows a minute, and more as it knows more.
  const span = Math.min(MAX_POINTS, Math.max(MIN_SPAN, values.length)) - 1;
  const top = Math.max(1e-9, ...known);
  const x = (index: number): number => WIDTH - (values.length - 1 - index) * (WIDTH / span);
  const y = (each: number): number => HEIGHT - 2 - (each / top) * (HEIGHT - 8);
  const index = pointed === null ? values.length - 1 : Math.min(values.length - 1, Math.max(0, pointed));
  const current = values[index] ?? null;
  const secondsAgo = Math.round(((points.at(-1)?.atMs ?? 0) - (points[index]?.atMs ?? 0)) / 1_000);
  const line = pathOf(values, x, y);
  const first = values.findIndex((each) => each !== null);
  const point = (event: { clientX: number; currentTarget: Element }): void => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const fromRight = ((left + width - event.clientX) / width) * span;
    setPointed(Math.round(values.length - 1 - fromRight));
  };
  return (
    <figure class={isCare && (known.at(-1) ?? 0) > 0 ? "chart is-care" : "chart"}>
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="chart-value">{current === null ? "–" : say(current)}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        onPointerMove={point}
        onPointerLeave={() => setPointed(null)}
      >
        {first !== -1 && line !== "" && (
          <path class="chart-area" d={`${line}L${WIDTH} ${HEIGHT}L${x(first).toFixed(1)} ${HEIGHT}z`} />
        )}
        <path class="chart-line" d={line} />
        {pointed !== null && current !== null && (
          <path class="chart-mark" d={`M${x(index).toFixed(1)} 0V${HEIGHT}`} />
        )}
      </svg>
      <p class="chart-foot">
        <span>
          {pointed === null || secondsAgo === 0 ? `last ${minutes(span + 1)}` : `${secondsAgo} s ago`}
        </span>
        <span>{known.length === 0 ? "" : `most ${say(Math.max(...known))}`}</span>
      </p>
    </figure>
  );
}

function pathOf(
  values: readonly (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let path = "";
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    path += `${path === "" ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
  }
  return path;
}

function minutes(seconds: number): string {
  return seconds <= MIN_SPAN ? "minute" : `${Math.round(seconds / 60)} minutes`;
}
