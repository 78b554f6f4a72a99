import type { IncomingHttpHeaders } from "node:http";
import type { ErrorCode } from "@parlor/protocol";

/** Why something is not done: a code of the table and a sentence for whoever asked. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  /** When asking again makes sense, ms. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * Says who a token stands for. Called once for each `hello`, `renew` and request with a token, and for
 * one without token or key, so that the host decides whether strangers may come in.
 *
 * Refuse with `unauthenticated`, `expired` or `forbidden`. A hook that throws, answers after 10 s, or
 * answers what is neither an identity nor a refusal lets nobody in: the peer is told `internal`, the
 * logger why.
 *
 * Use no claim of the token before its signature is verified, and pin the algorithm.
 */
export type Authenticate = (
  question: AuthenticateQuestion,
) => AuthenticateAnswer | Promise<AuthenticateAnswer>;

export interface AuthenticateQuestion {
  /** Of `hello`, `renew` or `Authorization: Bearer`; null where there is none. Never log it. */
  readonly token: string | null;
  /** Of the upgrade or request. */
  readonly headers: IncomingHttpHeaders;
  /** The peer's, behind trusted proxies the one they name. */
  readonly address: string;
}

export type AuthenticateAnswer = Authenticated | Refusal;

export interface Authenticated {
  /** 1 to 128 bytes of UTF-8 without control characters, not beginning with `@`. Everybody can see it. */
  readonly identity: string;
  /** When the token's time is over, **ms** since 1970. Left out: never. */
  readonly expiresAt?: number | undefined;
}

/**
 * Says whether an identity may do an act. Asked for each act, so a right can be withdrawn at any time;
 * a synchronous hook costs no promise.
 *
 * `false` counts as `forbidden` without a reason. A hook that throws, answers after 10 s, or answers
 * anything else refuses: the peer is told `internal`, the logger why.
 */
export type Authorize = (
  question: AuthorizeQuestion,
  about: AuthorizeAbout,
) => AuthorizeAnswer | Promise<AuthorizeAnswer>;

export interface AuthorizeQuestion {
  readonly identity: string;
  readonly action: Action;
  /** The room's name; for `request` the method's. */
  readonly room: string;
  /** What would be published, set or signalled; the parameters of a request; otherwise left out. */
  readonly body?: unknown;
}

/** What is known beside the question, for a hook that looks at more than who. */
export interface AuthorizeAbout {
  /** The peer's, behind trusted proxies the one they name. */
  readonly address?: string | undefined;
  /** Of a publish: the offset that it is about. */
  readonly re?: number | undefined;
  /**
   * Of a publish: nothing is said so far. A file that a message is to name begins to come, or more of it; the body is
   * `{"files":[…]}` with what is known of it.
   */
  readonly isUpload?: boolean | undefined;
}

export type AuthorizeAnswer = boolean | Refusal;

export type Action = "subscribe" | "publish" | "history" | "set" | "signal" | "presence" | "request";
