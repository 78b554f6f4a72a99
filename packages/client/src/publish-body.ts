import { bodyToJson, DEFAULT_MAX_BODY_BYTES, jsonFault, MAX_NESTING, type Limits } from "@parlor/protocol";
import { check } from "./check.ts";
import { limitOf } from "./limit-of.ts";

const encoder = new TextEncoder();

/** A body as it will travel. Taken once: what the caller does to the value later changes nothing. */
export interface CheckedBody {
  readonly json: string;
  readonly bytes: number;
}

/**
 * Turns a body into JSON text, bytes in their JSON form, or says why it can't be one.
 *
 * @param limits as the server told them
 * @throws {CodedError} `bad-frame`: not JSON (a function, a cycle, a BigInt, NaN, another view of bytes than
 *   Uint8Array, nesting over 99 levels).
 *   `too-large`: more than `maxBodyBytes` of UTF-8.
 */
export function checkBody(body: unknown, limits: Partial<Limits>): CheckedBody {
  const maxBodyBytes = limitOf(limits.maxBodyBytes, DEFAULT_MAX_BODY_BYTES);
  // JSON.stringify writes NaN and Infinity as null. A body that silently turns into another is a loss.
  const fault = jsonFault(body, MAX_NESTING - 1);
  check(fault === null, "bad-frame", `The body has ${fault}.`);
  let json: string | undefined;
  let cause: unknown;
  try {
    json = bodyToJson(body);
  } catch (error) {
    cause = error;
  }
  check(json !== undefined, "bad-frame", "The body can't be written as JSON.", cause);
  const bytes = encoder.encode(json).length;
  check(
    bytes <= maxBodyBytes,
    "too-large",
    `The body has ${bytes} bytes; at most ${maxBodyBytes} are taken.`,
  );
  return { json, bytes };
}
