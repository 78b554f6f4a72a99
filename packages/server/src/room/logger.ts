/**
 * Where the server writes what its operator should know. A line is a sentence and named values.
 *
 * Bodies of messages, tokens, keys and secrets are never written; identities and addresses may be.
 * No method may throw.
 */
export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** Writes nothing. */
export const silentLogger: Logger = Object.freeze({ info() {}, warn() {}, error() {} });

/** What an `unknown` that was thrown says, in one line of at most 500 characters. */
export function faultText(fault: unknown): string {
  let text: string;
  try {
    text = fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault);
  } catch {
    // An object may throw even when it is only named; what it was is then all there is to say.
    text = `a thrown ${typeof fault}`;
  }
  return text.replace(/\s+/g, " ").slice(0, 500);
}

/** Writes warnings and errors to standard error, one line of JSON each, and nothing else. */
export const stderrLogger: Logger = Object.freeze({
  info() {},
  warn: (message: string, fields?: LogFields) => writeLine("warn", message, fields),
  error: (message: string, fields?: LogFields) => writeLine("error", message, fields),
});

/** As `stderrLogger`, and what is told at level `info`, too. */
export const talkativeLogger: Logger = Object.freeze({
  ...stderrLogger,
  info: (message: string, fields?: LogFields) => writeLine("info", message, fields),
});

function writeLine(level: string, message: string, fields: LogFields | undefined): void {
  process.stderr.write(`${JSON.stringify({ level, message, ...fields })}\n`);
}
