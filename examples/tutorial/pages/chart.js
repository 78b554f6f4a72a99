import { CHART_SECONDS } from "./tally.js";

const WIDTH = 240;
const HEIGHT = 40;

/** The latency chart reaches from 1 ms to 10 s; what lies outside is drawn at its edge. */
const MAX_DECADES = 4;

/**
 * The outline of one bar for each second, as a path: all panes share `max`, so that heights compare.
 *
 * @param {readonly number[]} values
 * @param {number} max
 */
export function barsPath(values, max) {
  const step = WIDTH / values.length;
  let path = "";
  values.forEach((value, index) => {
    if (value === 0) return;
    const height = Math.max(1, (value / Math.max(1, max)) * HEIGHT);
    const left = (index * step).toFixed(1);
    path += `M${left} ${HEIGHT}v${(-height).toFixed(1)}h${(step * 0.72).toFixed(1)}v${height.toFixed(1)}z`;
  });
  return path;
}

/**
 * One dot for each latency: time from left to right, latency upwards and logarithmic. Dots are lines of no
 * length with round ends, which stay round however the chart is stretched.
 *
 * @param {readonly { at: number, ms: number }[]} latencies
 * @param {number} now
 */
export function dotsPath(latencies, now) {
  let path = "";
  for (const { at, ms } of latencies) {
    const left = WIDTH * (1 - (now - at) / (CHART_SECONDS * 1000));
    if (left >= 0) path += `M${left.toFixed(1)} ${heightOf(ms).toFixed(1)}h0`;
  }
  return path;
}

/** Lines at 10 ms, 100 ms and 1 s. */
export const GRID_PATH = [10, 100, 1000].map((ms) => `M0 ${heightOf(ms)}h${WIDTH}`).join("");

/** @param {number} ms */
function heightOf(ms) {
  const decades = Math.min(MAX_DECADES, Math.max(0, Math.log10(Math.max(1, ms))));
  // Three units of air above and below, so that a dot at the edge is whole.
  return HEIGHT - 3 - (decades / MAX_DECADES) * (HEIGHT - 6);
}
