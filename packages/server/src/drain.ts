import type { Clock, Random } from "@parlor/base";
import type { Services } from "./session/services.ts";

/** A connection that can be told when to come back. */
export interface Departing {
  sayBye(retryAfterMs: number): void;
}

/** How long the log may take to answer what it was given, and handlers what they work on, ms. */
const ANSWERS_MS = 5_000;

/** How long `readyz` says no before the listener closes, so that a balancer has seen it, ms. */
const NOTICE_MS = 2_000;

/** The soonest that a client is sent back, ms: a restart takes about that. */
const SOONEST_RETURN_MS = 500;

/** Return times are spread over this much for each connection, ms, and over at least and at most so much. */
const RETURN_SPREAD = { perConnectionMs: 2, minMs: 1_000, maxMs: 15_000 } as const;

/**
 * Ends the service of one server without losing a publish: nothing new is taken, what was accepted is
 * stored and acked, then everybody is told when to come back, each at a time of their own.
 *
 * Fulfils when all that is left is to close the listener; takes at most about 7 s.
 * Rules: docs/protocol.md, DRAIN-.
 */
export async function drainServices(
  services: Services,
  departing: () => Iterable<Departing>,
  random: Random,
): Promise<void> {
  if (services.isDraining) return;
  services.isDraining = true;
  const { clock } = services;
  const connected = [...departing()];
  const notice = connected.length > 0 ? sleep(clock, NOTICE_MS) : Promise.resolve();
  const answered = Promise.all([services.appends.idle(), services.requests.idle()]);
  await Promise.race([answered, sleep(clock, ANSWERS_MS)]);
  // Answers are handed to the sockets in the turn in which the log gives them; let that turn end.
  await sleep(clock, 1);
  const { perConnectionMs, minMs, maxMs } = RETURN_SPREAD;
  const spreadMs = Math.min(maxMs, Math.max(minMs, connected.length * perConnectionMs));
  for (const one of departing()) one.sayBye(Math.round(SOONEST_RETURN_MS + random() * spreadMs));
  await notice;
}

function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}
