import { PROTOCOL_VERSION, type Limits, type ServerFrame } from "@parlor/protocol";
import type { Who } from "./session-core.ts";

/** The wire's `welcome`, for whoever turns the effect into a frame. */
export function welcomeFrame(who: Who, now: number, heartbeatMs: number, limits: Limits): ServerFrame {
  return {
    type: "welcome",
    version: PROTOCOL_VERSION,
    identity: who.identity,
    now,
    heartbeatMs,
    expiresInMs: who.expiresAt === null ? null : Math.max(0, who.expiresAt - now),
    limits,
    producers: true,
  };
}
