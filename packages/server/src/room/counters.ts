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
  /** Since start: times that a connection came to be one of those. */
  slowTurns = 0;
  /** Since start: of those, times that the mark was the small one, as all connections together held too much. */
  crowdedTurns = 0;
  /** Since start: times that a connection was not read for a while, by reason. */
  readonly readingPaused: Record<PauseReason, number> = zeros(PAUSE_REASONS);
  /** Since start: connections that the server closed, by reason. */
  readonly closes: Record<CloseReason, number> = zeros(CLOSE_REASONS);
  /** Since start: WebSockets that were closed because of what came on them, by what that was. */
  readonly webSocketFaults: Record<WebSocketFault, number> = zeros(WEB_SOCKET_FAULTS);
  /** Since start: answers to polls that ended because they were full. */
  fullPolls = 0;
  /** Since start: batches that rooms no longer keep for those who come a moment late, for want of room. */
  recentBatchesDropped = 0;
  /** Since start: rate buckets forgotten while they still held something, for want of room. */
  rateBucketsEvicted = 0;
  /** Since start: times that a room was told that the log's tail may have left something out. */
  tailsMissed = 0;

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
  /** Since start: frames for them that had been read for others. */
  catchUpKept = 0;
  /** Since start: questions to the log where a room or a subscription begins. */
  headReads = 0;
  /** Since start: reads of history and catch-up that waited, as much had been read just before. */
  readsPaced = 0;
  /** Since start: messages those reads gave. */
  catchUpMessages = 0;
  /** Since start: subscriptions told that something they asked for is gone. */
  lost = 0;
  /** Since start: large frames about presence that waited, as many had been sent just before. */
  presencePaced = 0;
  /** Since start: signals taken from connections and from the server's own code. */
  signals = 0;
  /** Since start: signals handed to connections. */
  signalsDelivered = 0;
  /** Since start: signals dropped by the rate, or for one receiver because it was slow. */
  signalsDropped = 0;
  /** Since start: signals that gave way to newer ones before their room's next frame. */
  signalsThinned = 0;
  /** Since start: frames about presence handed to connections. */
  presenceFrames = 0;
  /** Since start: subscriptions refused because no more could be shown. */
  presenceRefused = 0;

  /** Since start: uploads that began. */
  uploadsBegun = 0;
  /** Since start: uploads that came to their end. */
  filesTaken = 0;
  /** Since start: answers with a file, whole or a part of it, that were sent to their end. */
  filesSent = 0;
  /** Since start: bytes of files taken. */
  fileBytesIn = 0;
  /** Since start: bytes of files handed to connections. */
  fileBytesOut = 0;
  /** Since start: files that waited to be sent, as others were being sent to that address. */
  filesPaced = 0;
  /** Since start: files and uploads deleted because no message held them. */
  filesCollected = 0;

  /** Since start: connections closed 4001, because nothing was taken from a full send buffer. */
  slowCloses = 0;
  /** Since start: connections closed 4002, because no sign of life came. */
  heartbeatCloses = 0;
  /** Since start: times that a wrong operator's key was shown. */
  wrongOperatorKeys = 0;
  /** Since start: keys that were not looked at, because their address had shown too many wrong ones. */
  operatorGuessesRefused = 0;
  /** Since start: lines of events that were not written, because there were too many. */
  eventLinesLeftOut = 0;
  /** Since start: faults of our own or of a hook that a peer was told as `internal`. */
  internalFaults = 0;
}

/** The kinds of connection: `feed` is the event stream of one room, `stream` the one of the protocol. */
export const TRANSPORT_NAMES = ["websocket", "plain", "stream", "poll", "send", "feed"] as const;
export type TransportName = (typeof TRANSPORT_NAMES)[number];

/**
 * Why a connection is not read: publishes that wait for their answer, frames behind a hello that does, more
 * frames than are taken in one turn of the event loop, a large body while its address has others under way,
 * what a refused peer goes on to send where much of that is thrown away.
 */
export const PAUSE_REASONS = ["in-flight", "hello", "turn", "body", "upgrade", "waste"] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** Why the server ends a connection; each has its close code in the protocol's table. */
export const CLOSE_REASONS = [
  "drain",
  "tooLarge",
  "internal",
  "slow",
  "heartbeat",
  "rateLimited",
  "hello",
  "version",
  "forbidden",
  "unauthenticated",
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** A message over `maxFrameBytes`, one in too many parts, or what is no WebSocket as its standard wants it. */
export const WEB_SOCKET_FAULTS = ["too-large", "too-many-parts", "not-websocket"] as const;
export type WebSocketFault = (typeof WEB_SOCKET_FAULTS)[number];

/** Why a connection was turned away. */
export const CONNECTION_REFUSALS = [
  "origin",
  "handshake",
  "address-limit",
  "server-limit",
  "draining",
  "unauthenticated",
  "bad-address",
  "too-many-sockets",
  "slow-request",
  "bad-request",
] as const;
export type ConnectionRefusal = (typeof CONNECTION_REFUSALS)[number];

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  const counts = {} as Record<Name, number>;
  for (const name of names) counts[name] = 0;
  return counts;
}
