import type { ConnectionState } from "@parlor/client";

/** What the page says of its connection. */
export type ConnectionSign =
  /** Nothing to say: connected, or lost for so short a time that nobody need know. */
  | { readonly kind: "live" }
  /** The page was opened a moment ago. */
  | { readonly kind: "connecting" }
  | { readonly kind: "reconnecting" }
  | { readonly kind: "offline" }
  /** It will not come back by itself. */
  | { readonly kind: "closed"; readonly sentence: string };

/** A loss shorter than this, in ms, is not shown. */
export const QUIET_MS = 2_000;

export interface ConnectionFacts {
  readonly state: ConnectionState;
  /** Milliseconds since the connection was last open, or since the page began. */
  readonly downForMs: number;
  readonly wasOpen: boolean;
  /** What the browser believes of its network. */
  readonly isOnLine: boolean;
}

export function connectionSign(facts: ConnectionFacts): ConnectionSign {
  const { state, downForMs, wasOpen, isOnLine } = facts;
  if (state.kind === "closed") return { kind: "closed", sentence: closedSentence(state) };
  if (state.kind === "open") return { kind: "live" };
  if (downForMs < QUIET_MS) return { kind: wasOpen ? "live" : "connecting" };
  return { kind: isOnLine ? "reconnecting" : "offline" };
}

function closedSentence(state: { readonly code: string; readonly message: string }): string {
  switch (state.code) {
    case "version":
      return "This page and the server no longer speak the same version. Reload the page to get the new one.";
    case "forbidden":
      return "The server does not let this page in.";
    case "unauthenticated":
    case "expired":
      return "The server no longer knows who you are. Reload the page to come in again.";
    default:
      return state.message === "" ? "The connection was closed for good." : state.message;
  }
}
