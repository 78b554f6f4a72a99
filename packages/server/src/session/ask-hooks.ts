/**
 * Asks the host's hooks and makes of whatever they answer either a yes or a refusal in words.
 *
 * A hook is somebody else's code: it may throw, hang, or answer nonsense. None of that is ever a yes.
 * Rules: docs/protocol.md, "Who may connect".
 */
import type { Clock } from "@parlor/base";
import { ERROR_CODES, isErrorCode } from "@parlor/protocol";
import type {
  Authenticate,
  Authenticated,
  AuthenticateQuestion,
  Authorize,
  AuthorizeAbout,
  AuthorizeQuestion,
  Refusal,
} from "./hooks.ts";
import { faultText, type Logger } from "../room/logger.ts";
import { hookFaultText } from "./hook-fault.ts";
import { identityFault } from "./identity.ts";

/** How long an asynchronous hook may take, ms. */
export const HOOK_DEADLINE_MS = 10_000;

/** UTF-16 code units of a refusal's sentence that reach the peer. */
const MAX_MESSAGE_CHARACTERS = 500;

/** Below this many ms since 1970 (March 1973) a moment was surely meant in seconds. */
const SURELY_SECONDS = 100_000_000_000;

export interface HookContext {
  readonly clock: Clock;
  readonly logger: Logger;
}

export function isRefusal(answer: object): answer is Refusal {
  return "code" in answer;
}

/** Who the token stands for, or why nobody. Answers at once where the hook does. */
export function askAuthenticate(
  hook: Authenticate,
  question: AuthenticateQuestion,
  context: HookContext,
): Authenticated | Refusal | Promise<Authenticated | Refusal> {
  return ask(
    "authenticate",
    () => hook(question),
    (answer) => readAuthenticated(answer, context),
    context,
  );
}

/** True, or why not. Without a hook, and with one that answers at once, there is no promise. */
export function askAuthorize(
  hook: Authorize | null,
  asked: AuthorizeQuestion & AuthorizeAbout,
  context: HookContext,
): true | Refusal | Promise<true | Refusal> {
  if (hook === null) return true;
  const { address, re, isUpload, ...question } = asked;
  return ask("authorize", () => hook(question, { address, re, isUpload }), readAuthorized, context);
}

/** What a schema of the host says, read by `read`. It has the deadline of a hook, and its faults are told alike. */
export function askSchema<Yes>(
  call: () => unknown,
  read: (answer: unknown) => Yes | Refusal | string,
  context: HookContext,
): Yes | Refusal | Promise<Yes | Refusal> {
  return ask("validate", call, read, context);
}

/** What `read` makes of an answer: the answer, a refusal, or (as a string) what is wrong with it. */
type Reader<Yes> = (answer: unknown) => Yes | Refusal | string;

function ask<Yes>(
  name: string,
  call: () => unknown,
  read: Reader<Yes>,
  context: HookContext,
): Yes | Refusal | Promise<Yes | Refusal> {
  try {
    const answer = call();
    if (isThenable(answer)) return withinDeadline(name, answer, read, context);
    return settle(name, answer, read, context);
  } catch (fault) {
    return fail(name, `threw ${hookFaultText(fault)}`, context);
  }
}

function withinDeadline<Yes>(
  name: string,
  answer: PromiseLike<unknown>,
  read: Reader<Yes>,
  context: HookContext,
): Promise<Yes | Refusal> {
  return new Promise((resolve) => {
    const timer = context.clock.after(HOOK_DEADLINE_MS, () => {
      resolve(fail(name, `did not answer within ${HOOK_DEADLINE_MS / 1000} s`, context));
    });
    // Both ways are handled even after the deadline, so a late rejection is no unhandled one.
    Promise.resolve(answer).then(
      (value) => {
        context.clock.cancel(timer);
        resolve(settle(name, value, read, context));
      },
      (fault: unknown) => {
        context.clock.cancel(timer);
        resolve(fail(name, `rejected with ${hookFaultText(fault)}`, context));
      },
    );
  });
}

function settle<Yes>(name: string, answer: unknown, read: Reader<Yes>, context: HookContext): Yes | Refusal {
  try {
    const result = read(answer);
    return typeof result === "string" ? fail(name, result, context) : result;
  } catch (fault) {
    // A getter of the answer threw.
    return fail(name, `answered something that throws ${hookFaultText(fault)}`, context);
  }
}

function fail(name: string, what: string, context: HookContext): Refusal {
  context.logger.error(`The ${name} hook ${what}; nothing was allowed.`);
  return { code: "internal", message: `The host's ${name} hook failed; the server's log says how.` };
}

function readAuthorized(answer: unknown): true | Refusal | string {
  if (answer === true) return true;
  if (answer === false) return { code: "forbidden", message: "This identity may not do that here." };
  return readRefusal(answer) ?? "answered neither true, false nor a refusal { code, message }";
}

function readAuthenticated(answer: unknown, context: HookContext): Authenticated | Refusal | string {
  const refusal = readRefusal(answer);
  if (refusal !== null) return refusal;
  if (typeof answer !== "object" || answer === null || !("identity" in answer)) {
    return "answered neither { identity } nor a refusal { code, message }";
  }
  const { identity } = answer;
  const fault = identityFault(identity);
  if (fault !== null) return `gave an identity that can't be one: ${fault}`;
  const expiresAt: unknown = "expiresAt" in answer ? answer.expiresAt : undefined;
  if (expiresAt === undefined || expiresAt === null) return { identity: identity as string };
  if (typeof expiresAt !== "number" || !Number.isFinite(expiresAt)) {
    return "gave an `expiresAt` that is not a number of ms since 1970";
  }
  if (expiresAt < SURELY_SECONDS) return "gave an `expiresAt` in seconds; it is ms since 1970";
  if (expiresAt <= context.clock.now()) return { code: "expired", message: "The token's time is over." };
  return { identity: identity as string, expiresAt };
}

/** A refusal as it may go to a peer; null where the answer is none. A string says what is wrong with it. */
function readRefusal(answer: unknown): Refusal | string | null {
  if (typeof answer !== "object" || answer === null || !("code" in answer)) return null;
  const { code } = answer;
  if (!isErrorCode(code)) return `refused with a code that is not in the table: ${faultText(code)}`;
  const message: unknown = "message" in answer ? answer.message : undefined;
  const retryAfterMs: unknown = "retryAfterMs" in answer ? answer.retryAfterMs : undefined;
  return {
    code,
    message:
      typeof message === "string" && message !== ""
        ? message.slice(0, MAX_MESSAGE_CHARACTERS).toWellFormed()
        : ERROR_CODES[code].meaning,
    ...(typeof retryAfterMs === "number" && retryAfterMs >= 0 && Number.isFinite(retryAfterMs)
      ? { retryAfterMs: Math.ceil(retryAfterMs) }
      : {}),
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
