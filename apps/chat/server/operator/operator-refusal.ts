import type { ErrorCode } from "@parlor/protocol";

/** A refusal in words, with its status. */
export class OperatorRefusal extends Error {
  readonly status: number;
  readonly code: ErrorCode;

  constructor(status: number, code: ErrorCode, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
