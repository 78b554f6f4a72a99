/** Snapshots that are kept, in ticks. */
const KEPT_TICKS = 100;

export interface PlaybackOptions {
  /** How far apart the server makes its snapshots, ms. */
  readonly tickMs: number;
  /**
   * How far behind it is shown, ms: what comes later than this after the quickest is not there when it is due. Two
   * ticks bear one lost snapshot. @default 2 × tickMs
   */
  readonly delayMs?: number | undefined;
}

/** What to show: the two snapshots between which the moment lies, and where. */
export interface PlayedBack<Snapshot> {
  readonly from: Snapshot;
  readonly to: Snapshot;
  /** 0 at `from`, 1 at `to`; 1 where nothing newer is here, since nobody knows how it went on. */
  readonly part: number;
  /** How many ticks lie between them: 1 where none was lost, 0 where both are the same. */
  readonly ticks: number;
}

export interface PlaybackFigures {
  /** Of the ticks of the last hundred, those that did not come, 0 to 1. */
  readonly lost: number;
  /** How much later than the quickest snapshots came, ms: 19 of 20 at most so much. */
  readonly jitterMs: number;
  /** -Infinity before the first. */
  readonly newestTick: number;
}

interface Arrival<Snapshot> {
  readonly tick: number;
  readonly snapshot: Snapshot;
  readonly lateMs: number;
}

/**
 * Plays back what a server tells of its world once a tick, as signals: they come when they come, and are shown at
 * the pace at which they were made, a little behind, so that a moment lies between two that are both here.
 *
 *     signals.on("signal", ({ body }) => playback.add(body.tick, body, performance.now()));
 *     // in each animation frame
 *     const { from, to, part } = playback.at(performance.now());
 *
 * The quickest of the last hundred say how the server's clock stands to this one. Rules: docs/guarantees.md, PLAY-.
 */
export class Playback<Snapshot> {
  readonly tickMs: number;
  readonly delayMs: number;
  /** By tick, ascending. */
  #arrivals: Arrival<Snapshot>[] = [];

  constructor({ tickMs, delayMs = 2 * tickMs }: PlaybackOptions) {
    this.tickMs = tickMs;
    this.delayMs = delayMs;
  }

  /** Takes what came at `nowMs`. Late ones find their place; doubles and very old ones are left. */
  add(tick: number, snapshot: Snapshot, nowMs: number): void {
    const arrivals = this.#arrivals;
    let place = arrivals.length;
    while (place > 0 && this.#tickAt(place - 1) > tick) place -= 1;
    if (place > 0 && this.#tickAt(place - 1) === tick) return;
    if (tick <= this.#newestTick - KEPT_TICKS) return;
    arrivals.splice(place, 0, { tick, snapshot, lateMs: nowMs - tick * this.tickMs });
    while (this.#tickAt(0) <= this.#newestTick - KEPT_TICKS) arrivals.shift();
  }

  /** What to show at `nowMs`; null before the first. */
  at(nowMs: number): PlayedBack<Snapshot> | null {
    const quickest = Math.min(...this.#arrivals.map(({ lateMs }) => lateMs));
    const tick = (nowMs - quickest - this.delayMs) / this.tickMs;
    const next = this.#arrivals.findIndex((arrival) => arrival.tick > tick);
    const to = this.#arrivals.at(next);
    if (to === undefined) return null;
    const from = next > 0 ? (this.#arrivals[next - 1] ?? to) : to;
    const ticks = to.tick - from.tick;
    return {
      from: from.snapshot,
      to: to.snapshot,
      part: ticks === 0 ? 1 : (tick - from.tick) / ticks,
      ticks,
    };
  }

  /** Forgets all: another world begins, whose ticks count anew. */
  clear(): void {
    this.#arrivals = [];
  }

  figures(): PlaybackFigures {
    const count = this.#arrivals.length;
    const late = this.#arrivals.map(({ lateMs }) => lateMs).sort((a, b) => a - b);
    return {
      lost: count === 0 ? 0 : 1 - count / (this.#newestTick - this.#tickAt(0) + 1),
      jitterMs: (late[Math.floor(count * 0.95)] ?? 0) - (late[0] ?? 0),
      newestTick: this.#newestTick,
    };
  }

  get #newestTick(): number {
    return this.#tickAt(this.#arrivals.length - 1);
  }

  #tickAt(index: number): number {
    return this.#arrivals[index]?.tick ?? -Infinity;
  }
}
