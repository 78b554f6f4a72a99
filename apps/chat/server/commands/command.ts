/** What a command may use of the world around it. */
export interface CommandWorld {
  /** One line for stdout; fulfils when more can be taken, so that a slow reader of a long answer costs nothing. */
  say(line: string): void | Promise<void>;
  /**
   * Where long work is: one line for stderr, in place of the last one where people look.
   * @throws {CodedError} `stopped`: a command that tidies up is to end now.
   */
  progress(line: string): void;
  /** One line for stderr that people should see and that is no fault: the server went away, for now. */
  note(line: string): void;
  /** What comes on stdin. */
  input(): AsyncIterable<Uint8Array>;
  /** `PARLOR_DATA`, or the default. */
  readonly data: string;
  /** `PARLOR_LOG`; undefined where it is not set. */
  readonly log?: string | undefined;
  /** The address of a server on this machine with the environment's `PORT` and `PARLOR_BASE_PATH`. */
  readonly url: string;
}

/** One command of `parlor`, beside serving. */
export interface Command {
  readonly name: string;
  /** Its arguments, as the help shows them. */
  readonly usage: string;
  readonly summary: string;
  /** What the help says below. */
  readonly help: readonly string[];
  /** How many arguments without a name it takes, at least and at most. */
  readonly argumentCount: readonly [min: number, max: number];
  readonly flags: readonly CommandFlag[];
  /** That it takes away what it made so far where a word of progress throws; so Ctrl-C leaves nothing half done. */
  readonly tidiesUp?: true;
  /** @throws {CodedError} one sentence for people; exit code 2. */
  run(given: GivenArguments, world: CommandWorld): Promise<void>;
}

export interface CommandFlag {
  readonly name: string;
  /** What stands for the value in the help, in capitals; null for a flag that has none. */
  readonly placeholder: string | null;
  /** What it is for, and what holds without it. */
  readonly help: string;
}

export interface GivenArguments {
  readonly positionals: readonly string[];
  /** `--data`, else the world's. */
  readonly data: string;
  /** `--url`, else the world's. */
  readonly url: string;
  /** The value of one of the command's flags; undefined where it was not given. */
  value(flag: string): string | undefined;
  /** Whether a flag was given. */
  has(flag: string): boolean;
}

export const DATA_FLAG: CommandFlag = {
  name: "data",
  placeholder: "FOLDER",
  help: "where the log is (default: PARLOR_DATA, else ./data)",
};

export const URL_FLAG: CommandFlag = {
  name: "url",
  placeholder: "URL",
  help: "where the server is (default: http://127.0.0.1:PORT/, with PORT and PARLOR_BASE_PATH of the environment)",
};
