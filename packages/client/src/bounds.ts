/**
 * The times and bounds of a client's link. On a page of their own, since bundlers write such numbers into where they are
 * used; beside imports they keep a name for each. What is loaded on demand has its own (transports/bounds.ts).
 */

// The life of the link

export const WELCOME_TIMEOUT_MS = 10_000;
export const DOUBT_TIMEOUT_MS = 5_000;
/** A server that drains has closed within 10 s of its `bye`. */
export const FAREWELL_TIMEOUT_MS = 15_000;
/** The server is taken for gone after this many heartbeats without a byte. */
export const SILENT_HEARTBEATS = 2;
/** A connection that lasted this long clears the count of tries, so that one which is cut at once can't loop hot. */
export const STABLE_AFTER_MS = 5_000;
/** Where the wall's clock and the monotonic one have come apart by so much, the machine slept, or was set. */
export const SLEPT_MS = 5_000;

// Coming back

/** The wait before try n (from 0) is drawn evenly from 0 to min(20 s, 0.5 s × 2ⁿ). */
export const BASE_RETRY_MS = 500;
export const MAX_RETRY_MS = 20_000;
/** Where nobody sees the page; who comes back to it makes it try at once. */
export const MAX_HIDDEN_RETRY_MS = 300_000;
/** Timers keep 31 bits; a longer wait would run out at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
/** Failures before a welcome after which the reason says what a browser hides. */
export const SUSPICIOUS_FAILURES = 3;

// A room

/**
 * A restart that leaves a hole without a word is asked for again this often; then the hole is told as
 * lost. Not at the first few: restarts of the server's own may be under way before its answer.
 */
export const MAX_UNEXPLAINED = 10;

// Who speaks

export const PRODUCER_CHARACTERS = 16;
/** 258 bits; a key may have 22 to 64 characters. */
export const KEY_CHARACTERS = 43;

// The WebSocket

export const SOCKET_OPEN = 1;
/** Bytes that wait, above which a signal is dropped: it would be stale when it is taken. */
export const MAX_BEFORE_SIGNALS = 65_536;

// What is known of the ways to a server

/** So that the head start of a first visit is 250 ms where nothing is known of the network. */
export const FIRST_WELCOME_MS = 125;
export const MIN_HEAD_START_MS = 50;
/** A welcome takes a new connection, an upgrade and a question; the page's own request took one round trip. */
export const ROUND_TRIPS = 3;
export const MAX_HEAD_START_MS = 2_000;
/** How much the newest welcome counts in the average. */
export const NEWEST_WEIGHT = 0.25;
