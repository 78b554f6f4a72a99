/**
 * What the server may hold at most, worked out from its limits: the table "Where memory is bounded" of
 * ARCHITECTURE.md, in bytes.
 */
const KIB = 1_024;
export const MIB = 1_048_576;

/**
 * A process that serves a pair and is worked hard: some 200 MiB at rest (Node and the log's threads), 64 MiB
 * of recent batches, and as much as twice that thrown away and not yet collected.
 */
export const BASE_BYTES = 384 * MIB;

/** Connections of one address, and besides them as many sends and a few plain requests. */
export const PER_ADDRESS = 200;

export const CAPS = {
  /** A connection with its session. */
  connection: 48 * KIB,
  /** A subscription that has its room to itself. */
  room: 8 * KIB,
  /** A frame that is not whole: `maxFrameBytes`. */
  frame: 256 * KIB,
  /** The body of a request. */
  body: MIB,
  /** Unsent bytes, and the frame that passed the mark. */
  unsent: MIB + 64 * KIB,
  /** Pages of history on their way, four of them. */
  pages: 4 * 256 * KIB,
  /** Bodies of publishes that are not answered, and the frame that passed the mark. */
  unanswered: MIB + 256 * KIB,
} as const;
