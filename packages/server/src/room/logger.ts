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

/** Texts shorter than this are no secrets, and are part of too many words. */
const MIN_SECRET_CHARACTERS = 4;

/**
 * What an `unknown` that was thrown says, in one line of at most 500 characters.
 * @param secrets are left out of it, wherever they stand.
 */
export function faultText(fault: unknown, secrets: readonly string[] = []): string {
  let text: string;
  try {
    text = fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault);
  } catch {
    // An object may throw even when it is only named; what it was is then all there is to say.
    text = `a thrown ${typeof fault}`;
  }
  // Before the text is cut, or the beginning of a long secret would stay.
  for (const secret of secrets) {
    if (secret.length >= MIN_SECRET_CHARACTERS) text = text.replaceAll(secret, "[hidden]");
  }
  return text.replace(/\s+/g, " ").slice(0, 500);
}

/** Writes warnings and errors to standard error, one line of JSON each, and nothing else. */
export const stderrLogger: Logger = Object.freeze({
  info() {},
  warn: (message: string, fields?: LogFields) => writeLine("warn", message, fields),
  error: (message: string, fields?: LogFields) => writeLine("error", message, fields),
});

function writeLine(level: string, message: string, fields: LogFields | undefined): void {
  process.stderr.write(`${JSON.stringify({ level, message, ...fields })}\n`);
}
