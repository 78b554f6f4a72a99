/** How this run of the benchmark is to go. */
export interface Bench {
  /** How often each measurement is made, one after the other for all who are compared; medians are told. */
  readonly rounds: number;
  /** The part of a scenario to run, where it has parts by that name; null for all of them. */
  readonly part: string | null;
  /** Shorter and rougher: for a look, not for a result. */
  readonly isQuick: boolean;
  /** Parlor's `coalesceMs`; undefined for its default. */
  readonly coalesceMs: number | undefined;
  /** Where the server processes leave a CPU profile each; null for none. */
  readonly profileFolder: string | null;
  /** Tells whoever waits what goes on. */
  say(line: string): void;
}

/** One measurement of one contestant, or of one number. */
export type Scenario = (bench: Bench) => Promise<ScenarioResult>;

export interface ScenarioResult {
  readonly name: string;
  readonly title: string;
  /** How it was measured, in a sentence or two. */
  readonly how: string;
  readonly table: Table;
  readonly checks: readonly Check[];
  readonly charts: readonly Chart[];
  /** Everything that was measured, round by round. */
  readonly rounds: unknown;
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A target, and whether it was reached. */
export interface Check {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly isReached: boolean;
}

export interface Chart {
  readonly title: string;
  readonly bars: readonly Bar[];
  /** Drawn as a line across the bars. */
  readonly target?: number | undefined;
}

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly shown: string;
}
