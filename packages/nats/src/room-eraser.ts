import { decodeRecord, encodeRecord, type RoomRecord } from "./record.ts";
import { ERASED, isStoredAt } from "./record-index.ts";
import type { NatsLink } from "./nats-link.ts";
import type { RoomFold } from "./room-fold.ts";
import type { RoomSubjects } from "./subjects.ts";

const PUBLISH_TIMEOUT_MS = 2_000;
/** Of the records before one that lost, in search of what it lost against. */
const MAX_LOOKED_AT = 200;

/**
 * Takes erased bodies from the disks. A record holds several messages, so the others are stored first, under a
 * subject of their own, and then the record is overwritten. Whatever breaks off in between, nothing is lost: the
 * fold remembers what is not erased yet, and whoever opens the room goes on.
 */
export class RoomEraser {
  readonly #link: NatsLink;
  readonly #sideStream: string;
  readonly #subjects: RoomSubjects;
  readonly #foldNow: () => RoomFold;

  constructor(link: NatsLink, sideStream: string, subjects: RoomSubjects, foldNow: () => RoomFold) {
    this.#link = link;
    this.#sideStream = sideStream;
    this.#subjects = subjects;
    this.#foldNow = foldNow;
  }

  /** Erases in the records at `seqs` what the fold says is erased. */
  async erase(seqs: readonly number[]): Promise<void> {
    for (const seq of seqs) await this.#eraseOne(seq);
  }

  /**
   * Overwrites copies of records that came to nothing, by their sequence and id: they hold bodies, too. That this node
   * takes one for void is not enough, for it may be wrong; only what most copies of the stream show to have come too
   * late is erased.
   */
  async eraseVoid(voids: Iterable<readonly [seq: number, id: string]>): Promise<void> {
    const { stream } = this.#subjects;
    for (const [seq, id] of voids) if (await this.#cameTooLate(seq, id)) await this.#link.erase(stream, seq);
  }

  /** Whether another record stands in the stream before the one at `seq`, in the place that it asks for. */
  async #cameTooLate(seq: number, id: string): Promise<boolean> {
    const { stream, records } = this.#subjects;
    const late = await this.#commonest(seq);
    if (late?.id !== id) return false;
    for (let after = late.prev, i = 0; i < MAX_LOOKED_AT; i++) {
      const found = await this.#link.next(stream, records, after);
      if (found === null || found.seq >= seq) return false;
      const other = decodeRecord(found.data);
      if (other !== null && areRivals(other, late)) {
        return (await this.#commonest(found.seq))?.id === other.id;
      }
      after = found.seq;
    }
    return false;
  }

  async #commonest(seq: number): Promise<RoomRecord | null> {
    const found = await this.#link.commonest(this.#subjects.stream, seq);
    return found === null ? null : decodeRecord(found.data);
  }

  async #eraseOne(seq: number): Promise<void> {
    const { stream } = this.#subjects;
    const patches = `${this.#subjects.patches}.${seq}`;
    const { index } = this.#foldNow();
    const inStream = await this.#link.find(stream, seq, (data) => isStoredAt(index, seq, data));
    const latest = inStream ?? (await this.#link.lastAtLeader(this.#sideStream, patches));
    const record = latest === null ? null : decodeRecord(latest.data);
    // Trimmed meanwhile, the whole of it.
    if (record === null) return;
    const patched = encodeRecord(this.#withoutErased(seq, record));
    const own = await this.#link.publish(patches, patched, PUBLISH_TIMEOUT_MS);
    for (let after = 0; ; ) {
      const older = await this.#link.next(this.#sideStream, patches, after);
      if (older === null || older.seq >= own) break;
      after = older.seq;
      await this.#link.erase(this.#sideStream, older.seq);
    }
    if (inStream === null) return;
    await this.#eraseRivals(seq, record);
    await this.#link.erase(stream, seq);
  }

  /**
   * Removes what lost against a record. Without the winner, who reads on over its place would take the next of them
   * for valid; all of them lie before the record that follows the winner.
   */
  async #eraseRivals(seq: number, winner: RoomRecord): Promise<void> {
    const { stream, records } = this.#subjects;
    for (let after = seq; ; ) {
      const found = await this.#link.next(stream, records, after);
      const record = found === null ? null : decodeRecord(found.data);
      if (found === null || (record !== null && record.prev >= seq)) return;
      if (record !== null && areRivals(winner, record)) {
        const isThere = (await this.#commonest(found.seq))?.id === record.id;
        if (isThere && found.seq < this.#foldNow().lastSeq) await this.#link.erase(stream, found.seq);
      }
      after = found.seq;
    }
  }

  #withoutErased(seq: number, record: RoomRecord): RoomRecord {
    const { index } = this.#foldNow();
    const messages = record.messages.map((message, i) => {
      const offset = record.base + i + 1;
      const isKept = index.find(offset)?.seq === seq && index.sizeOf(offset) !== ERASED;
      return isKept ? message : { ...message, bodyJson: null };
    });
    return { ...record, messages };
  }
}

/** Whether both ask for the same place in the room: then the later one is void, whatever else there is. */
function areRivals(one: RoomRecord, other: RoomRecord): boolean {
  const haveOnePlace = one.prev === other.prev && one.prevId === other.prevId;
  return haveOnePlace && one.base === other.base && one.epoch === other.epoch;
}
