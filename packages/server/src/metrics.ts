/**
 * What machines read of this server, in Prometheus' text format: one registry for each Parlor, so that two
 * of them in one process do not meet. Every value is read when it is asked for; nothing here counts.
 *
 * No label carries a room, an identity or an address: their number has no bound.
 */
import { Counter, Gauge, Registry } from "prom-client";
import { ProcessReadings } from "./process-readings.ts";
import type { Counters } from "./room/counters.ts";
import type { Clock } from "@parlor/base";
import {
  type BoundReading,
  countConnections,
  countSubscriptions,
  type ReaderReading,
  type ServerReadings,
  type TotalsReading,
} from "./server-readings.ts";

/** Since-start fields that are one number, with the metric each becomes. */
const TOTALS: readonly (readonly [metric: string, help: string, field: NumberField])[] = [
  ["publishes_total", "Publishes stored.", "published"],
  ["published_bytes_total", "Size of the bodies stored, as JSON.", "publishedBytes"],
  ["duplicates_total", "Publishes answered as already stored.", "duplicates"],
  ["deliveries_total", "Messages handed to connections.", "messagesDelivered"],
  ["frames_out_total", "Frames handed to connections.", "framesOut"],
  ["frames_in_total", "Frames taken from connections.", "framesIn"],
  ["bytes_out_total", "Payload bytes handed to connections.", "bytesOut"],
  ["bytes_in_total", "Payload bytes taken from connections.", "bytesIn"],
  ["catch_up_reads_total", "Reads of the log for subscriptions that are not live.", "catchUpReads"],
  ["catch_up_kept_total", "Frames for them that had been read for others.", "catchUpKept"],
  ["head_reads_total", "Questions to the log where a room or a subscription begins.", "headReads"],
  ["reads_paced_total", "Reads of history and catch-up that waited for others.", "readsPaced"],
  ["catch_up_messages_total", "Messages that those reads gave.", "catchUpMessages"],
  ["lost_total", "Subscriptions told that something they asked for is gone.", "lost"],
  ["signals_total", "Signals taken.", "signals"],
  ["signals_delivered_total", "Signals handed to connections.", "signalsDelivered"],
  ["signals_dropped_total", "Signals dropped.", "signalsDropped"],
  ["signals_thinned_total", "Signals that gave way to newer ones.", "signalsThinned"],
  ["presence_frames_total", "Frames about presence handed to connections.", "presenceFrames"],
  ["presence_paced_total", "Large frames about presence that waited for others.", "presencePaced"],
  ["presence_refused_total", "Subscriptions refused as no more are shown.", "presenceRefused"],
  ["uploads_begun_total", "Uploads of files that began.", "uploadsBegun"],
  ["files_taken_total", "Uploads of files that came to their end.", "filesTaken"],
  ["files_sent_total", "Answers with a file that came to their end.", "filesSent"],
  ["file_bytes_in_total", "Bytes of files taken.", "fileBytesIn"],
  ["file_bytes_out_total", "Bytes of files sent.", "fileBytesOut"],
  ["files_paced_total", "Files that waited for others to that address.", "filesPaced"],
  ["files_collected_total", "Files and uploads deleted as no message held them.", "filesCollected"],
  ["slow_turns_total", "Times that a connection went over its send buffer's mark.", "slowTurns"],
  ["crowded_turns_total", "Of those, times that all connections together held too much.", "crowdedTurns"],
  ["full_polls_total", "Answers to polls that ended because they were full.", "fullPolls"],
  ["recent_batches_dropped_total", "Batches that rooms gave up for want of room.", "recentBatchesDropped"],
  ["rate_buckets_evicted_total", "Rate buckets forgotten for want of room.", "rateBucketsEvicted"],
  ["tails_missed_total", "Times that the log's tail may have left something out.", "tailsMissed"],
  ["slow_closes_total", "Connections closed because nothing was taken from them.", "slowCloses"],
  ["heartbeat_closes_total", "Connections closed because they showed no life.", "heartbeatCloses"],
  ["wrong_operator_keys_total", "Times that a wrong operator's key was shown.", "wrongOperatorKeys"],
  [
    "operator_guesses_refused_total",
    "Operator's keys not looked at, after too many wrong ones.",
    "operatorGuessesRefused",
  ],
  ["event_lines_left_out_total", "Lines of events not written, as there were too many.", "eventLinesLeftOut"],
  ["internal_faults_total", "Faults of the server or of a hook.", "internalFaults"],
];

/** Since-start fields that are a number for each name. */
const LABELLED_TOTALS: readonly (readonly [
  metric: string,
  help: string,
  label: string,
  field: RecordField,
])[] = [
  ["connections_opened_total", "Connections opened.", "transport", "connectionsOpened"],
  ["connections_refused_total", "Connections turned away.", "reason", "connectionsRefused"],
  ["reading_paused_total", "Times that a connection was not read for a while.", "reason", "readingPaused"],
  ["closes_total", "Connections that the server closed.", "reason", "closes"],
  ["websocket_faults_total", "WebSockets closed for what came on them.", "fault", "webSocketFaults"],
  ["refused_total", "Publishes, frames and requests refused.", "code", "refused"],
];

type NumberField = {
  [Field in keyof Counters]: Counters[Field] extends number ? Field : never;
}[keyof Counters];
type RecordField = Exclude<keyof Counters, NumberField>;

const LOG_STATES = ["ready", "full", "unreachable", "failed", "closed"] as const;

export class Metrics {
  readonly #registry = new Registry();
  readonly #process: ProcessReadings;
  readonly #bounds: BoundReading[];

  constructor(readings: ServerReadings, clock: Clock) {
    this.#process = new ProcessReadings(clock);
    this.#bounds = [...readings.bounds];
    const { counters, worker } = readings;
    if (worker !== null) this.#registry.setDefaultLabels({ worker });
    for (const [name, help, field] of TOTALS) this.#total(name, help, () => counters[field]);
    const dropped = "Signals and presence that did not go to the other processes.";
    this.#total("bus_dropped_total", dropped, () => readings.bus.dropped);
    for (const [name, help, label, field] of LABELLED_TOTALS) {
      this.#totals(name, help, label, () => counters[field]);
    }
    this.#addGauges(readings);
    this.#addReaders(readings);
    this.#addProcess();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** One more that the server as a whole has. */
  addBound(bound: BoundReading): void {
    this.#bounds.push(bound);
  }

  /** Counts that only rise, of a part that the host added. */
  addTotals({ name, help, label, read }: TotalsReading): void {
    this.#totals(name, help, label, read);
  }

  /** Ends the watch over the event loop. */
  close(): void {
    this.#process.close();
  }

  #addGauges(readings: ServerReadings): void {
    const { counters, rooms, log } = readings;
    this.#gauges("connections", "Open connections.", "transport", () => counters.connections);
    this.#gauge("connections_max", "Connections there may be.", () => readings.maxConnections);
    this.#gauge("rooms_open", "Rooms held in memory.", () => rooms.size);
    this.#gauges("subscriptions", "Subscriptions.", "phase", () => {
      const { live, catchingUp } = countSubscriptions(rooms);
      return { live, catching_up: catchingUp };
    });
    this.#gauge("slow_readers", "Connections over their send buffer's mark.", () => counters.slowReaders);
    this.#gauge("send_buffer_bytes", "Bytes that wait unsent.", readings.sendBufferBytes);
    this.#gauge("draining", "1 while the server drains.", () => (readings.isDraining() ? 1 : 0));
    this.#gauges("log_status", "1 for the state that the log is in.", "state", () =>
      Object.fromEntries(LOG_STATES.map((state) => [state, log.status.kind === state ? 1 : 0])),
    );
    this.#gauge(
      "connections_used_ratio",
      "Open connections, of those there may be.",
      () => countConnections(counters) / readings.maxConnections,
    );
    this.#gauges(
      "bound_used",
      "How much there is of what is bounded for the server as a whole.",
      "bound",
      () => Object.fromEntries(this.#bounds.map(({ bound, used }) => [bound, used()])),
    );
    this.#gauges("bound_max", "How much of it there may be.", "bound", () =>
      Object.fromEntries(this.#bounds.map(({ bound, max }) => [bound, max])),
    );
    this.#gauges("build_info", "1, with the version as label.", "version", () => ({ [readings.version]: 1 }));
  }

  /** Their names are the host's, so there are as many as it wrote. */
  #addReaders({ readers }: ServerReadings): void {
    const each = (read: (reader: ReaderReading) => number) => (): Record<string, number> =>
      Object.fromEntries([...readers.all].map((reader) => [reader.name, read(reader)]));
    const name = "reader";
    const messages = "Messages that a named reader is behind the log.";
    this.#gauges(
      "reader_lag_messages",
      messages,
      name,
      each(({ lag }) => lag.messages),
    );
    const seconds = "For how long something has waited for a named reader.";
    this.#gauges(
      "reader_lag_seconds",
      seconds,
      name,
      each(({ lag }) => lag.waitedMs / 1_000),
    );
    this.#totals(
      "reader_messages_total",
      "Messages that a named reader read.",
      name,
      each(({ read }) => read),
    );
    const failures = "Effects of a named reader that failed.";
    this.#totals(
      "reader_failures_total",
      failures,
      name,
      each((reader) => reader.failures),
    );
  }

  #addProcess(): void {
    this.#gauge("process_resident_bytes", "Memory in use.", () => this.#process.residentBytes());
    this.#total("process_cpu_seconds_total", "CPU used, user and system.", () => this.#process.cpuSeconds());
    this.#gauges(
      "event_loop_delay_seconds",
      "How late the event loop was since the last time this was read.",
      "quantile",
      () => {
        const delay = this.#process.eventLoopDelay();
        if (delay === null) return {};
        return { "0.5": delay.p50Ms / 1000, "0.99": delay.p99Ms / 1000, "1": delay.maxMs / 1000 };
      },
    );
  }

  /** A value that goes up and down; null leaves it out. */
  #gauge(name: string, help: string, read: () => number | null): void {
    const gauge = new Gauge({
      name: `parlor_${name}`,
      help,
      registers: [this.#registry],
      collect: () => {
        const value = read();
        if (value === null) gauge.remove();
        else gauge.set(value);
      },
    });
  }

  #gauges(name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void {
    const gauge = new Gauge({
      name: `parlor_${name}`,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect: () => {
        for (const [value, count] of Object.entries(read())) gauge.set({ [label]: value }, count);
      },
    });
  }

  /** A value that only rises. The library can only add, so it starts again at each reading. */
  #total(name: string, help: string, read: () => number): void {
    const counter = new Counter({
      name: `parlor_${name}`,
      help,
      registers: [this.#registry],
      collect: () => {
        counter.reset();
        counter.inc(read());
      },
    });
  }

  #totals(name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void {
    const counter = new Counter({
      name: `parlor_${name}`,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect: () => {
        counter.reset();
        for (const [value, count] of Object.entries(read())) counter.inc({ [label]: value }, count);
      },
    });
  }
}
