import type { BlobStore, RoomLog, SignalBus } from "@parlor/log";
import type { LogPromise } from "@parlor/server";

/** A log, and what comes with it where it is shared with others. */
export interface OpenedLog {
  readonly log: RoomLog;
  /** How this process speaks with the others; undefined where it is alone. */
  readonly bus?: SignalBus | undefined;
  /** Where files' bytes are, where that is not this machine's disk. */
  readonly blobs?: BlobStore | undefined;
  /** What is promised of acknowledged messages, where that depends on how others are configured. */
  readonly promise?: LogPromise | undefined;
  /** Metrics of its own, in Prometheus' text format. */
  readonly moreMetrics?: (() => Promise<string>) | undefined;
  /** Where rooms are kept, as a sentence, where the settings don't say. */
  readonly keptWhere?: string | undefined;
  close(): Promise<void>;
}
