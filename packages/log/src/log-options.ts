import { type Clock, systemClock } from "@parlor/base";
import { KEEP_EVERYTHING, type Retention } from "./room-log.ts";

/** What every log of this package can be told. */
export interface LogOptions {
  /** @default the system's clock */
  readonly clock?: Clock | undefined;
  /** How much of each room is kept. @default everything */
  readonly retention?: Partial<Retention> | undefined;
  /**
   * How long a producer is remembered after its last use, in ms. A repetition that comes later is
   * stored a second time. `Infinity` remembers for ever.
   *
   * @default 604_800_000 (7 days)
   */
  readonly producerRetentionMs?: number | undefined;
  /** How often what has grown old is looked for, in ms. @default 10_000 */
  readonly sweepEveryMs?: number | undefined;
}

export interface ResolvedLogOptions {
  readonly clock: Clock;
  readonly retention: Retention;
  readonly producerRetentionMs: number;
  readonly sweepEveryMs: number;
}

export const DAY_MS = 86_400_000;

export const DEFAULT_LOG_OPTIONS = Object.freeze({
  producerRetentionMs: 7 * DAY_MS,
  sweepEveryMs: 10_000,
});

/** Fills in the defaults; a number that makes no sense is a `RangeError` that names its option. */
export function resolveLogOptions(options: LogOptions): ResolvedLogOptions {
  const retention = {
    messages: options.retention?.messages ?? KEEP_EVERYTHING.messages,
    days: options.retention?.days ?? KEEP_EVERYTHING.days,
    bytes: options.retention?.bytes ?? KEEP_EVERYTHING.bytes,
  };
  const producerRetentionMs = options.producerRetentionMs ?? DEFAULT_LOG_OPTIONS.producerRetentionMs;
  const sweepEveryMs = options.sweepEveryMs ?? DEFAULT_LOG_OPTIONS.sweepEveryMs;
  requirePositive("retention.messages", retention.messages);
  requirePositive("retention.days", retention.days);
  requirePositive("retention.bytes", retention.bytes);
  requirePositive("producerRetentionMs", producerRetentionMs);
  requirePositive("sweepEveryMs", sweepEveryMs);
  return { clock: options.clock ?? systemClock, retention, producerRetentionMs, sweepEveryMs };
}

function requirePositive(name: string, value: number): void {
  if (!(value > 0)) throw new RangeError(`${name} must be above 0 (Infinity for no limit), not ${value}`);
}
