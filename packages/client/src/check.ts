import { CodedError } from "@parlor/base";

/** Throws what a caller did wrong, in words. */
export function check(isRight: boolean, code: string, message: string, cause?: unknown): asserts isRight {
  if (!isRight) throw new CodedError(code, message, { cause });
}
