import { ERROR_CODES, type ErrorCode } from "@parlor/protocol";

/**
 * What the server counts, as plain numbers: counting is an addition and nothing else, so that it can
 * stand in the hottest path. Metrics and the status page read the fields when they are asked.
 *
 * A field is either *now* (it goes up and down; whoever adds also takes away) or *since start* (it
 * only rises). One object for each Parlor; every layer is given the same one.
 */
export class Counters {
  /** Now: open connections by transport. */
  readonly connections: Record<TransportName, number> = zeros(TRANSPORT_NAMES);
  /** Since start: connections opened by transport. */
  readonly connectionsOpened: Record<TransportName, number> = zeros(TRANSPORT_NAMES);
  /** Since start: connections and upgrades turned away before they became one, by reason. */
  readonly connectionsRefused: Record<ConnectionRefusal, number> = zeros(CONNECTION_REFUSALS);

  /** Now: connections whose send buffer is over its mark. */
  slowReaders = 0;

  /** Since start: publishes stored. */
  published = 0;
  /** Since start: UTF-16 code units of their bodies' JSON. */
  publishedBytes = 0;
  /** Since start: publishes answered as already stored. */
  duplicates = 0;
  /** Since start: publishes, frames and requests refused, by code. */
  readonly refused: Record<ErrorCode, number> = zeros(Object.keys(ERROR_CODES) as ErrorCode[]);

  /** Since start: messages handed to connections; one message to a thousand subscribers is a thousand. */
  messagesDelivered = 0;
  /** Since start: frames handed to connections. */
  framesOut = 0;
  /** Since start: payload bytes handed to connections. */
  bytesOut = 0;
  /** Since start: frames taken from connections. */
  framesIn = 0;
  /** Since start: payload bytes taken from connections. */
  bytesIn = 0;

  /** Since start: reads of the log that fed a subscription not yet, or no longer, live. */
  catchUpReads = 0;
  /** Since start: messages those reads gave. */
  catchUpMessages = 0;
  /** Since start: subscriptions told that something they asked for is gone. */
  lost = 0;
  /** Since start: signals handed to connections. */
  signalsDelivered = 0;
  /** Since start: signals dropped by the rate or because the receiver was slow. */
  signalsDropped = 0;

  /** Since start: connections closed 4001, because nothing was taken from a full send buffer. */
  slowCloses = 0;
  /** Since start: connections closed 4002, because no sign of life came. */
  heartbeatCloses = 0;
  /** Since start: times that a wrong operator's key was shown. */
  wrongOperatorKeys = 0;
  /** Since start: lines of events that were not written, because there were too many. */
  eventLinesLeftOut = 0;
  /** Since start: faults of our own or of a hook that a peer was told as `internal`. */
  internalFaults = 0;
}

/** The kinds of connection: `feed` is the event stream of one room, `stream` the one of the protocol. */
export const TRANSPORT_NAMES = ["websocket", "plain", "stream", "poll", "send", "feed"] as const;
export type TransportName = (typeof TRANSPORT_NAMES)[number];

/** Why a connection was turned away. */
export const CONNECTION_REFUSALS = [
  "origin",
  "handshake",
  "address-limit",
  "server-limit",
  "draining",
  "unauthenticated",
  "bad-address",
] as const;
export type ConnectionRefusal = (typeof CONNECTION_REFUSALS)[number];

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  const counts = {} as Record<Name, number>;
  for (const name of names) counts[name] = 0;
  return counts;
}
