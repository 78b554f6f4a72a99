import type { RoomLog } from "@parlor/log";
import { type Clock, systemClock } from "@parlor/base";
import { ProcessReadings } from "./process-readings.ts";

/** What there is to read of a process that has the log and serves it to others. */
export interface OwnerReadings {
  readonly log: Pick<RoomLog, "status">;
  /** Processes that have a link to it. */
  readonly links: () => number;
  /** Bytes that they have not taken. */
  readonly waitingBytes: () => number;
}

const LOG_STATES = ["ready", "full", "failed", "closed"] as const;

/**
 * The metrics of the process that has the log, which no page of its own shows: whoever serves over its log has them in
 * `/metrics` (`moreMetrics`). They carry no `worker`, since they are the same whoever is asked.
 */
export class OwnerMetrics {
  readonly #readings: OwnerReadings;
  readonly #process: ProcessReadings;

  /** @param clock @default the system's */
  constructor(readings: OwnerReadings, clock: Clock = systemClock) {
    this.#readings = readings;
    this.#process = new ProcessReadings(clock);
  }

  text(): string {
    const { log, links, waitingBytes } = this.#readings;
    const delay = this.#process.eventLoopDelay();
    const states = LOG_STATES.map(
      (state) => [`{state="${state}"}`, log.status.kind === state ? 1 : 0] as const,
    );
    const delays =
      delay === null
        ? []
        : ([
            ["0.5", delay.p50Ms],
            ["0.99", delay.p99Ms],
            ["1", delay.maxMs],
          ] as const);
    const resident = this.#process.residentBytes();
    return [
      ownerUp(true),
      metric("links", "gauge", "Workers that have the log.", [["", links()]]),
      metric("waiting_bytes", "gauge", "Bytes that workers have not taken.", [["", waitingBytes()]]),
      metric("log_status", "gauge", "1 for the state that the log is in, where it is.", states),
      metric("resident_bytes", "gauge", "Memory in use.", resident === null ? [] : [["", resident]]),
      metric("cpu_seconds_total", "counter", "CPU used, user and system.", [
        ["", this.#process.cpuSeconds()],
      ]),
      metric(
        "event_loop_delay_seconds",
        "gauge",
        "How late its event loop was since the last time that any worker read this.",
        delays.map(([quantile, ms]) => [`{quantile="${quantile}"}`, ms / 1_000]),
      ),
    ].join("");
  }

  close(): void {
    this.#process.close();
  }
}

/** Of an owner that can't be asked this is all there is. */
export function ownerUp(isUp: boolean): string {
  return metric("up", "gauge", "1 where the owner of the log answers.", [["", isUp ? 1 : 0]]);
}

type Samples = readonly (readonly [labels: string, value: number])[];

function metric(name: string, type: "gauge" | "counter", help: string, samples: Samples): string {
  const full = `parlor_log_owner_${name}`;
  const lines = samples.map(([labels, value]) => `${full}${labels} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join("")}`;
}
