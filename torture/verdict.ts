import type { Flags } from "./flags.ts";
import type { Tally } from "./tally.ts";

/**
 * What the server may hold at most: what it needs to run, and what its bounds allow for a crowd like this
 * one (64 MiB of recent batches, 1 MiB for each slow reader, pages of history on their way).
 */
export const MAX_SERVER_BYTES = 512 * 1_048_576;

export interface Outcome {
  readonly flags: Flags;
  readonly tally: Tally;
  readonly violations: readonly string[];
  /** From the end of the faults until everybody was at the end. */
  readonly settledMs: number;
  readonly peakBytes: number;
  /** Files of acknowledged messages, fetched again at the end. */
  readonly files: number;
  /** Messages in the log at the end. */
  readonly stored: number;
  /** Kinds of faults that were possible here, and their marks. */
  readonly wanted: readonly string[];
}

export interface Verdict {
  readonly isClean: boolean;
  readonly lines: readonly string[];
  readonly violations: readonly string[];
  /** Things that should have happened at least once, and did not: then the run has shown too little. */
  readonly missed: readonly string[];
  readonly tally: Tally;
}

const MAX_SHOWN = 20;

/** Effects that show that a fault met its target, beside the faults themselves. */
export const MARKS: readonly string[] = [
  "kills under load",
  "clean drains",
  "ends with 70",
  "full disks noticed",
  "connections cut",
  "resumes",
  "slow readers noticed",
  "acked over REST",
  "files acked",
  "sent again over REST",
  "feeds resumed",
  "plain rooms entered again",
];

export function verdictOf(outcome: Outcome): Verdict {
  const { flags, tally, violations, settledMs, peakBytes, files, stored, wanted } = outcome;
  const missed = wanted.filter((name) => tally.of(name) === 0);
  const isClean = violations.length === 0 && missed.length === 0;
  const lines = [
    `seed ${flags.seed}, ${flags.minutes} minutes, ${flags.members} members over WebSocket (half of them in binary), stream and poll, 6 more over REST and the event feed, 6 in a plain room`,
    `faults: ${tally.words(wanted.filter((name) => !MARKS.includes(name)))}`,
    `marks: ${tally.words(wanted.filter((name) => MARKS.includes(name)))}`,
    `${tally.of("acked")} publishes acked, ${tally.of("given up")} given up, ${tally.of("not taken")} not taken (outbox full), ${stored} in the log`,
    `${tally.of("deliveries")} deliveries checked, ${tally.of("disconnects")} open connections lost, ${tally.of("resumes")} resumes`,
    `${tally.of("plain deliveries")} texts heard in a plain room, entered again ${tally.of("plain rooms entered again")} times`,
    `${files} files of acked messages fetched again and compared, ${tally.of("uploads gone on with")} times an upload was cut and gone on with, ${tally.of("files refused")} refused`,
    `everybody at the end ${(settledMs / 1_000).toFixed(1)} s after the last fault; the server held ${Math.round(peakBytes / 1_048_576)} MiB at most`,
    ...violations.slice(0, MAX_SHOWN).map((violation) => `VIOLATION ${violation}`),
    ...missed.map((name) => `NEVER HAPPENED ${name}`),
    `${violations.length} violations${isClean ? ": nothing was lost, nothing came twice" : ""}`,
  ];
  return { isClean, lines, violations, missed, tally };
}
