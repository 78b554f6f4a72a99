/** An error with a stable `code` for programs beside its sentence for people. */
export class CodedError<Code extends string = string> extends Error {
  readonly code: Code;
  /** When a retry makes sense, how long to wait first, in ms. */
  readonly retryAfterMs: number | undefined;

  constructor(code: Code, message: string, options?: { retryAfterMs?: number; cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = "CodedError";
    this.code = code;
    this.retryAfterMs = options?.retryAfterMs;
  }
}
