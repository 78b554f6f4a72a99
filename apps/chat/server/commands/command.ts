/** What a command may use of the world around it. */
export interface CommandWorld {
  /** One line for stdout; fulfils when more can be taken, so that a slow reader of a long answer costs nothing. */
  say(line: string): void | Promise<void>;
  /** Where long work is: one line for stderr, in place of the last one where people look. */
  progress(line: string): void;
  /** `PARLOR_DATA`, or the default. */
  readonly data: string;
}

/** One command of `parlor`, beside serving. */
export interface Command {
  readonly name: string;
  /** Its arguments, as the help shows them. */
  readonly usage: string;
  readonly summary: string;
  /** What the help says below. */
  readonly help: readonly string[];
  /** How many arguments without a name it takes. */
  readonly argumentCount: number;
  /** @throws {CodedError} one sentence for people; exit code 2. */
  run(given: GivenArguments, world: CommandWorld): Promise<void>;
}

export interface GivenArguments {
  readonly positionals: readonly string[];
  /** `--data`. */
  readonly data: string;
}
