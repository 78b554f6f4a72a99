/**
 * The times and bounds of the transports that race, and of their race; why on a page of their own, the link's say
 * (../bounds.ts).
 */

// The search for a better transport

export const FIRST_SEARCH_MS = 3_000;
export const MAX_SEARCH_PAUSE_MS = 300_000;
/** On a connection that is new the first try is at most so far away: the network may be another one. */
export const MAX_FIRST_SEARCH_MS = 30_000;
/** Pauses are spread by this share, so that clients which were cut at one moment do not all try at one. */
export const SEARCH_SPREAD = 0.25;
/** How long each may take to its welcome. */
export const PROBE_PATIENCE_MS = 5_000;

// A connection that was won

/** A server says something at each heartbeat; a transport that swallows all was heard for less than one. */
export const SILENT_LIFE_MS = 30_000;
/** The server heard nothing for one and a half heartbeats. */
export const CLOSE_HEARTBEAT = 4002;
/** A connection that it closes so sooner after the welcome was never heard: one that answered a ping lives on for longer. */
export const UNHEARD_HEARTBEATS = 2;
/** Every so many lost tries everything is tried; not at each, for the sake of a server that is down. */
export const THOROUGH_EVERY = 3;

// Any request

/** What the requests of one connection wait for an answer, ms. */
export const ANSWER_TIMEOUT_MS = 15_000;
/**
 * Longest frame that is taken, in UTF-16 units: a page of history with its related messages, and more.
 * Where a server's clients may send longer ones, its own may be this many times as long.
 */
export const MAX_FRAME_CHARS = 1_048_576;
export const FRAMES_IN_ONE = 4;
/** What is read of an answer that is no success. Ours are below one KiB; the rest are pages of proxies. */
export const MAX_REFUSAL_CHARS = 16_384;

// The way up

/**
 * UTF-16 units in a body. A server takes 1 MiB, but gives the whole of a body 15 s to come: on a slow line a
 * large one would be cut again and again, while of several small ones each is stored.
 */
export const MAX_BODY_CHARS = 65_536;
/** As many as a server leaves unanswered where it says nothing else. */
export const MAX_PUBLISHES = 256;
/** Signals that wait for the next request; the oldest are dropped. */
export const MAX_SIGNALS = 64;
/** A way up that is slower than this, in UTF-16 units a millisecond, counts as none. */
export const SLOWEST_CHARS_PER_MS = 4;

// The stream

/** A server speaks once a heartbeat; after so many of them in silence the stream is taken for dead. */
export const SILENT_HEARTBEATS = 2;
/** An event leaves the server whole. If so long nothing follows a part of one, something on the way gathers blocks, ms. */
export const HELD_EVENT_MS = 4_000;

// Polls

/** The longest that a server lets a poll wait, s. */
export const MAX_WAIT_S = 25;
/** A wait that was cut off is not made shorter than this at first: it may have been an accident. */
export const SHORT_WAIT_S = 5;
/** A poll that fails within this time failed at once: not for having waited too long, ms. */
export const AT_ONCE_MS = 2_000;
/** Polls in a row that may fail on the way before the connection is over. */
export const MAX_POLL_FAILURES = 3;
/** A waiting poll that comes back sooner than this with nothing in it is followed by a pause, ms. */
export const HASTY_MS = 1_000;
export const POLL_PAUSE_MS = 250;
export const MAX_POLL_PAUSE_MS = 5_000;
