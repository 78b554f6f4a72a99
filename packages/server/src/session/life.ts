/**
 * Life: decides when a connection is pinged, and when it is given up.
 *
 * It is stepped at even intervals with what the socket has done since, and counts intervals rather than
 * reading a clock: a process that stood still for seconds has then counted nothing, and does not mistake
 * its own sleep for the death of everybody else.
 *
 * Taking is a sign of life only from a send buffer that was full: what an empty one is given goes to the
 * kernel, which takes it whether or not anybody is there.
 *
 * Rules: docs/protocol.md [LIFE-2] ping, [LIFE-3] heartbeat, [LIFE-4] slow.
 */
export interface LifeState {
  /** Intervals without a byte from the peer. */
  silent: number;
  /** Intervals in which nothing was sent. */
  quiet: number;
  /** Intervals in which nothing was taken from a send buffer that is not empty. */
  stuck: number;
  /** Intervals since the last ping, while no byte came. */
  pinged: boolean;
  /** After how many silent or quiet intervals to ping: the heartbeat with ±20 % jitter. */
  pingAfter: number;
}

export interface LifeObservation {
  /** Bytes came from the peer since the last step. */
  readonly received: boolean;
  /** Bytes were handed to the socket since the last step. */
  readonly sent: boolean;
  /** The send buffer holds bytes now. */
  readonly hasUnsent: boolean;
  /** Of a send buffer that held bytes at the last step, some were taken. */
  readonly taken: boolean;
}

export type LifeVerdict = "none" | "ping" | "heartbeat" | "slow";

/** `heartbeat` is the heartbeat in intervals. */
export function newLife(heartbeat: number, random: () => number): LifeState {
  return { silent: 0, quiet: 0, stuck: 0, pinged: false, pingAfter: jittered(heartbeat, random) };
}

export function stepLife(
  state: LifeState,
  seen: LifeObservation,
  heartbeat: number,
  random: () => number,
): LifeVerdict {
  if (seen.received || seen.taken) {
    state.silent = 0;
    state.pinged = false;
  } else {
    state.silent += 1;
  }
  state.quiet = seen.sent ? 0 : state.quiet + 1;
  state.stuck = seen.hasUnsent && !seen.taken ? state.stuck + 1 : 0;

  if (seen.hasUnsent) return state.stuck >= 2 * heartbeat ? "slow" : "none";
  // Only silence after a ping is death: without one, the peer had no reason to say anything.
  if (state.pinged && state.silent >= 1.5 * heartbeat) return "heartbeat";
  const isDue = (state.silent >= state.pingAfter && !state.pinged) || state.quiet >= state.pingAfter;
  if (!isDue) return "none";
  state.pinged = true;
  state.quiet = 0;
  state.pingAfter = jittered(heartbeat, random);
  return "ping";
}

/** Spread by ±20 %, so that connections of one moment are not pinged in one moment. */
function jittered(heartbeat: number, random: () => number): number {
  return heartbeat * (0.8 + 0.4 * random());
}
