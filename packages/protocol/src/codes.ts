/**
 * Every code that a refusal can carry, with what it means for whoever receives it.
 *
 * `retry` says how to react:
 *   never        the same question gets the same answer
 *   after-delay  ask again, after `retryAfterMs` where it is given
 *   after-resume send again from the seq that the answer expects
 *   after-reauth ask again with a fresh token
 * `status` is the HTTP status that carries it. Codes are never reused for something else.
 */
export const ERROR_CODES = {
  "bad-frame": {
    status: 400,
    retry: "never",
    meaning: "The frame, body or parameter is malformed; the sentence names the path.",
  },
  "unknown-frame": {
    status: 501,
    retry: "never",
    meaning: "This server does not know or not offer that frame or address.",
  },
  "hello-first": { status: 400, retry: "never", meaning: "Another frame came before `hello`." },
  "bad-room": {
    status: 400,
    retry: "never",
    meaning: "The room's name is not 1 to 128 bytes of UTF-8 in NFC without control characters.",
  },
  "too-large": { status: 413, retry: "never", meaning: "The body, frame or profile is over its limit." },
  "rate-limited": {
    status: 429,
    retry: "after-delay",
    meaning: "More than the rate allows; nothing was stored.",
  },
  "out-of-order": {
    status: 409,
    retry: "after-resume",
    meaning: "A seq that this one relies on is missing; `expected` names it.",
  },
  "unknown-producer": {
    status: 409,
    retry: "after-resume",
    meaning: "The server does not remember this producer, and the publish relies on an earlier seq.",
  },
  forbidden: { status: 403, retry: "never", meaning: "This identity may not do that here." },
  unauthenticated: {
    status: 401,
    retry: "after-reauth",
    meaning: "Nobody is known by that token, or it is missing.",
  },
  expired: { status: 401, retry: "after-reauth", meaning: "The token's time is over." },
  "too-many-rooms": {
    status: 429,
    retry: "never",
    meaning: "The connection holds as many subscriptions as it may.",
  },
  "too-many-connections": {
    status: 429,
    retry: "after-delay",
    meaning: "The address, or the server, holds as many connections as it may.",
  },
  "origin-not-allowed": {
    status: 403,
    retry: "never",
    meaning: "The page comes from an origin that this server does not serve.",
  },
  unavailable: { status: 503, retry: "after-delay", meaning: "The log cannot take it now; try again." },
  version: {
    status: 400,
    retry: "never",
    meaning: "The peer speaks a version of the protocol that this server does not.",
  },
  "unknown-method": { status: 404, retry: "never", meaning: "No handler is registered under that name." },
  deadline: { status: 504, retry: "after-delay", meaning: "The handler did not answer in time." },
  draining: {
    status: 503,
    retry: "after-delay",
    meaning: "The server is about to stop and takes nothing new.",
  },
  internal: { status: 500, retry: "after-delay", meaning: "A fault of the server; it is in its log." },
} as const satisfies Record<string, ErrorCodeEntry>;

export interface ErrorCodeEntry {
  readonly status: number;
  readonly retry: "never" | "after-delay" | "after-resume" | "after-reauth";
  readonly meaning: string;
}

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(ERROR_CODES, code);
}

/** Codes after which a refused publish is over for good: its seq is never sent again. */
export function isPermanentRefusal(code: string): boolean {
  return code.startsWith("bad-") || code === "too-large" || code === "forbidden";
}

/** Every close code that the server sends. 4000–4499 means come back, 4500–4999 do not. */
export const CLOSE_CODES = {
  drain: { code: 1001, meaning: "The server is stopping or restarting; come back." },
  tooLarge: { code: 1009, meaning: "A frame was over `maxFrameBytes`." },
  internal: { code: 1011, meaning: "A fault of the server; come back." },
  slow: {
    code: 4001,
    meaning: "Nothing was taken from a full send buffer for too long; come back and resume.",
  },
  heartbeat: { code: 4002, meaning: "No sign of life for 1.5 heartbeats; come back." },
  rateLimited: { code: 4003, meaning: "The flood went on after refusals; come back later." },
  hello: { code: 4004, meaning: "No `hello` within 10 s; come back." },
  version: { code: 4500, meaning: "This version of the protocol is not spoken here." },
  forbidden: { code: 4501, meaning: "Not allowed here; do not come back." },
  unauthenticated: {
    code: 4502,
    meaning: "The token is missing, unknown or expired; do not come back with it.",
  },
} as const;

/** Whether a client comes back after this close code; an unknown code follows its range. */
export function mayComeBack(closeCode: number): boolean {
  return !(closeCode >= 4500 && closeCode <= 4999);
}
