import type { ProcessFigures } from "./operator-api.ts";

/** Moments that are kept: five minutes of one a second. */
export const MAX_POINTS = 300;

/** One moment, of all processes together. Rates are null where there is nothing before to compare with. */
export interface Point {
  readonly atMs: number;
  readonly connections: number;
  readonly publishes: number | null;
  readonly deliveries: number | null;
  /** Of the process that is latest. */
  readonly lagMs: number | null;
  readonly memoryBytes: number | null;
  readonly slowReaders: number;
  readonly drops: number | null;
}

/** The newest figures of each process, and the points made of them. */
export interface Seen {
  readonly processes: readonly ProcessFigures[];
  readonly points: readonly Point[];
}

export const NOTHING_SEEN: Seen = { processes: [], points: [] };

/** Adds what was told at `atMs` to what was seen before. */
export function see(before: Seen, processes: readonly ProcessFigures[], atMs: number): Seen {
  const last = new Map(before.processes.map((figures) => [figures.node, figures]));
  const rate = (total: (figures: ProcessFigures) => number): number | null => {
    let [sum, isKnown] = [0, false];
    for (const figures of processes) {
      const earlier = last.get(figures.node);
      const ms = earlier === undefined ? 0 : figures.status.uptimeMs - earlier.status.uptimeMs;
      if (earlier === undefined || ms <= 0) continue;
      isKnown = true;
      sum += ((total(figures) - total(earlier)) * 1_000) / ms;
    }
    return isKnown ? sum : null;
  };
  const sum = (value: (figures: ProcessFigures) => number): number =>
    processes.reduce((all, figures) => all + value(figures), 0);
  const lags = processes.flatMap(({ status }) => status.eventLoopDelay?.p99Ms ?? []);
  const memory = processes.flatMap(({ status }) => status.residentBytes ?? []);
  const point: Point = {
    atMs,
    connections: sum(({ status }) => status.connections.total),
    publishes: rate(({ status }) => status.totals.published),
    deliveries: rate(({ status }) => status.totals.messagesDelivered),
    lagMs: lags.length === 0 ? null : Math.max(...lags),
    memoryBytes: memory.length === 0 ? null : memory.reduce((all, bytes) => all + bytes, 0),
    slowReaders: sum(({ status }) => status.connections.slowReaders),
    drops: rate(({ status }) => status.totals.signalsDropped + status.totals.busDropped),
  };
  return { processes, points: [...before.points, point].slice(-MAX_POINTS) };
}
