import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock } from "@parlor/base";

/** How often the event loop is asked whether it is late, ms. */
const SAMPLE_MS = 20;

/** The shortest stretch that a reading speaks of, ms. */
const MIN_WINDOW_MS = 900;

export interface EventLoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/**
 * What this process tells of itself. Nothing here throws: at the limit of open files even asking for the
 * memory in use does, and whoever looks at a server in trouble must still get an answer.
 */
export class ProcessReadings {
  readonly #clock: Clock;
  readonly #histogram = monitorEventLoopDelay({ resolution: SAMPLE_MS });
  #windowStartMs: number;
  #lastDelay: EventLoopDelay | null = null;
  #lastResidentBytes: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#windowStartMs = clock.monotonic();
    this.#histogram.enable();
  }

  /** Bytes of memory in use; the last that could be read, null where none could. */
  residentBytes(): number | null {
    try {
      this.#lastResidentBytes = process.memoryUsage.rss();
    } catch {
      // Out of open files: the number before is better than none, and none better than an error.
    }
    return this.#lastResidentBytes;
  }

  /** Seconds of CPU used, user and system. */
  cpuSeconds(): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }

  /**
   * How late the event loop was since it was last asked, which is how late everything else was. Null
   * until a window is over. One reader each: a second one would see what the first left.
   */
  eventLoopDelay(): EventLoopDelay | null {
    const nowMs = this.#clock.monotonic();
    if (nowMs - this.#windowStartMs < MIN_WINDOW_MS) return this.#lastDelay;
    this.#windowStartMs = nowMs;
    if (this.#histogram.count > 0) {
      this.#lastDelay = {
        p50Ms: latenessMs(this.#histogram.percentile(50)),
        p99Ms: latenessMs(this.#histogram.percentile(99)),
        maxMs: latenessMs(this.#histogram.max),
      };
      this.#histogram.reset();
    }
    return this.#lastDelay;
  }

  close(): void {
    this.#histogram.disable();
  }
}

/** The histogram holds whole intervals between samples, in ns; lateness is what they have too much. */
function latenessMs(intervalNs: number): number {
  return Math.max(0, Math.round((intervalNs / 1e6 - SAMPLE_MS) * 10) / 10);
}
