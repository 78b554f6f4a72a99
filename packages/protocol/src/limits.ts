/** What a peer may send, as `welcome` tells it. Bytes are UTF-8 bytes of the JSON text. */
export interface Limits {
  /** One message's body. Above it: `too-large`. @default 65_536 */
  readonly maxBodyBytes: number;
  /** One frame. Above it the connection is closed 1009. @default 262_144 */
  readonly maxFrameBytes: number;
  /** Subscriptions of one connection. Above it: `too-many-rooms`. @default 200 */
  readonly maxRooms: number;
  /** Unanswered publishes of one connection. Above it the server stops reading from it. @default 256 */
  readonly maxInFlight: number;
  /** The profile in `hello`. Above it: `too-large`. @default 1_024 */
  readonly maxProfileBytes: number;
  /** Keys of one room's state. @default 1_000 */
  readonly maxStateKeys: number;
  /** Bytes of one room's state. @default 1_048_576 */
  readonly maxStateBytes: number;
  /** Signals of one connection; those above it are dropped. @default 100 */
  readonly signalsPerSecond: number;
}

/** Of a server that does not say it. */
export const DEFAULT_MAX_BODY_BYTES = 65_536;
export const DEFAULT_MAX_IN_FLIGHT = 256;

/** Messages that one history page, or one join, may ask for. */
export const MAX_PAGE_MESSAGES = 500;

/** Messages of a history page where nothing is asked for. */
export const DEFAULT_PAGE_MESSAGES = 50;

/** Bytes after which a history page ends with `more: true`. */
export const MAX_PAGE_BYTES = 262_144;

/** Newest related messages that a page carries for each of its messages. */
export const MAX_RELATED_PER_MESSAGE = 100;

/** Bytes that messages gather up to in one frame; a larger message travels alone. */
export const MAX_MESSAGES_FRAME_BYTES = 65_536;

/** Requests of one connection that are answered at a time; one more is `rate-limited`. */
export const MAX_REQUESTS_IN_FLIGHT = 32;

/** Levels of nesting of a frame, the frame's own object being the first. */
export const MAX_NESTING = 100;

/** Bytes of one `/connect/send` body. */
export const MAX_SEND_BODY_BYTES = 1_048_576;

/** UTF-16 units of a key of state. */
export const MAX_STATE_KEY_CHARS = 128;

export const MAX_ROOM_NAME_BYTES = 128;

/** Frames that a server takes in the request for a WebSocket (early-opening.ts): what more there is to say comes in turns, like any other frames. */
export const MAX_OPENING_FRAMES = 8;
/** Proxies and servers bound a line of a request at 8 KB, and all of them together at 16. */
export const MAX_OPENING_CHARACTERS = 2_048;

export const DEFAULT_LIMITS: Limits = /* @__PURE__ */ Object.freeze({
  maxBodyBytes: DEFAULT_MAX_BODY_BYTES,
  maxFrameBytes: 262_144,
  maxRooms: 200,
  maxInFlight: DEFAULT_MAX_IN_FLIGHT,
  maxProfileBytes: 1_024,
  maxStateKeys: 1_000,
  maxStateBytes: 1_048_576,
  signalsPerSecond: 100,
});
