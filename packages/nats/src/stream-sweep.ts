import { HeardSequences } from "./heard-sequences.ts";

/** Where a stream ends, as a leader of it says. */
export interface StreamEnd {
  /** The server's name; empty where a server alone has the stream. */
  readonly leader: string;
  readonly seq: number;
  /** When its newest record was stored, in the server's words. */
  readonly time: string;
}

/** What a sweep asks of the leader of its stream. */
export interface SweptStream {
  end(): Promise<StreamEnd>;
  /** The record at `seq`: when it was stored, and whose it is; null where there is none any more. */
  recordAt(seq: number): Promise<{ readonly time: string; readonly room: string } | null>;
}

/** A room of the stream that this node keeps up with. */
export interface SweptRoom {
  readonly name: string;
  readonly lastSeq: number;
  /** Reads on to the head that the leader has. */
  check(): Promise<void>;
}

const AT_ONCE = 16;

/**
 * Looks for what a node should have heard of one stream's rooms, and did not: the broker tells of a record once, and
 * the last one of a room shows no hole.
 *
 * It costs in proportion to what happened. Where the stream ends as it did the last time, nothing was missed in any of
 * its rooms. Else each sequence since was heard, or is asked for, and only its room is compared with the stream; with
 * them the rooms that were written to, should the cluster have lost what they heard. A stream that does not hold what
 * it ended with any more has another past, and another leader may have: then all are compared, as they are where that is
 * less than was missed.
 */
export class StreamSweep {
  readonly #stream: SweptStream;
  readonly #rooms: () => readonly SweptRoom[];
  readonly #heard = new HeardSequences();
  /** Up to where nothing is missed. */
  #swept: StreamEnd | null = null;

  /** @param rooms  Those that are open, or being opened. */
  constructor(stream: SweptStream, rooms: () => readonly SweptRoom[]) {
    this.#stream = stream;
    this.#rooms = rooms;
  }

  /** The record at `seq` was seen. */
  hear(seq: number): void {
    this.#heard.add(seq);
  }

  /** Not twice at once. Where it rejects, the next one looks for the same again. */
  async look(): Promise<void> {
    const end = await this.#stream.end();
    // Afterwards, for what is opened from here on reads that far by itself.
    const rooms = this.#rooms();
    const due = await this.#due(end, rooms);
    await eachOf(due, (room) => room.check());
    this.#swept = end;
    this.#heard.moveTo(end.seq);
  }

  async #due(end: StreamEnd, rooms: readonly SweptRoom[]): Promise<readonly SweptRoom[]> {
    const swept = this.#swept;
    if (rooms.length === 0) return rooms;
    if (swept === null || !(await this.#isSamePast(swept, end))) return rooms;
    const missing = this.#heard.missing(end.seq, rooms.length);
    if (missing === null) return rooms;
    const names = new Set<string>();
    await eachOf(missing, async (seq) => {
      const record = await this.#stream.recordAt(seq);
      if (record !== null) names.add(record.room);
    });
    return rooms.filter(({ name, lastSeq }) => lastSeq > swept.seq || names.has(name));
  }

  async #isSamePast(swept: StreamEnd, end: StreamEnd): Promise<boolean> {
    if (end.leader !== swept.leader || end.seq < swept.seq) return false;
    if (end.seq === swept.seq) return end.time === swept.time;
    if (swept.seq === 0) return true;
    return (await this.#stream.recordAt(swept.seq))?.time === swept.time;
  }
}

/** A few at a time, all of them; rejects where one did. */
async function eachOf<T>(all: readonly T[], work: (each: T) => Promise<void>): Promise<void> {
  const faults: unknown[] = [];
  for (let i = 0; i < all.length; i += AT_ONCE) {
    const done = await Promise.allSettled(all.slice(i, i + AT_ONCE).map((each) => work(each)));
    for (const each of done) if (each.status === "rejected") faults.push(each.reason);
  }
  if (faults.length > 0)
    throw new Error(`${faults.length} of ${all.length} could not be compared`, { cause: faults[0] });
}
