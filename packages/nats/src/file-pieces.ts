import type { Clock } from "@parlor/base";
import { unavailable } from "@parlor/log";
import { type FileManifest, sumOf } from "./file-manifest.ts";
import type { FileSubjects } from "./file-subjects.ts";
import { asUnavailable, type NatsLink, StreamIsFull } from "./nats-link.ts";

/** Of each piece but the last: far below what any server takes as one message. */
export const PIECE_BYTES = 131_072;
/** Pieces on their way to the cluster at a time. */
const UNDER_WAY = 4;
const PUBLISH_TIMEOUT_MS = 2_000;
/** A cluster that changes its leader is waited for so often, and each time longer: some eight seconds in all. */
const TRIES = 7;
const TRY_AGAIN_MS = 100;

/** Bytes as messages of a stream, each on a subject of its own, so that storing one again changes nothing. */
export class FilePieces {
  readonly #link: NatsLink;
  readonly #subjects: FileSubjects;
  readonly #clock: Clock;

  constructor(link: NatsLink, subjects: FileSubjects, clock: Clock) {
    this.#link = link;
    this.#subjects = subjects;
    this.#clock = clock;
  }

  /** Stores what comes under a name. Where it rejects some of it may be there, or come yet. */
  async write(name: string, bytes: AsyncIterable<Uint8Array>): Promise<Omit<FileManifest, "madeAt">> {
    const sums: Buffer[] = [];
    const underWay: Promise<void>[] = [];
    let size = 0;
    const store = async (piece: Buffer): Promise<void> => {
      const storing = this.publish(this.#subjects.piece(name, sums.length), piece);
      // Waited for below; meanwhile another may have failed first.
      storing.catch(() => undefined);
      sums.push(sumOf(piece));
      size += piece.length;
      underWay.push(storing);
      if (underWay.length >= UNDER_WAY) await underWay.shift();
    };
    let piece = Buffer.allocUnsafe(PIECE_BYTES);
    let filled = 0;
    for await (const chunk of bytes) {
      for (let taken = 0; taken < chunk.length; ) {
        const fitting = chunk.subarray(taken, taken + PIECE_BYTES - filled);
        piece.set(fitting, filled);
        filled += fitting.length;
        taken += fitting.length;
        if (filled < PIECE_BYTES) continue;
        await store(piece);
        piece = Buffer.allocUnsafe(PIECE_BYTES);
        filled = 0;
      }
    }
    if (filled > 0) await store(piece.subarray(0, filled));
    await Promise.all(underWay);
    return { size, pieceBytes: PIECE_BYTES, sums };
  }

  /**
   * The bytes from `start` to `end`, one piece ahead of who reads. Each piece is what its sum says, from whichever copy
   * of the stream has that. @throws {CodedError} `unavailable` where none had it for some seconds
   */
  async *read(
    name: string,
    { sums, pieceBytes, size }: FileManifest,
    start: number,
    end: number,
  ): AsyncIterable<Uint8Array> {
    const stop = Math.min(end, size);
    if (start >= stop) return;
    const last = Math.floor((stop - 1) / pieceBytes);
    const get = (index: number): Promise<Uint8Array> => {
      const found = this.#piece(name, index, sums[index] as Buffer);
      // Whoever stops reading does not wait for the one ahead.
      found.catch(() => undefined);
      return found;
    };
    const first = Math.floor(start / pieceBytes);
    let next = get(first);
    for (let index = first; index <= last; index++) {
      const piece = await next;
      if (index < last) next = get(index + 1);
      const at = index * pieceBytes;
      yield piece.subarray(Math.max(0, start - at), stop - at);
    }
  }

  /** How many there are of a name, as the stream's leader knows it. */
  async count(name: string): Promise<number> {
    const { stream } = this.#subjects;
    return Object.keys(await this.#link.subjects(stream, this.#subjects.pieces(name))).length;
  }

  async remove(name: string): Promise<void> {
    await this.#link.purge(this.#subjects.stream, this.#subjects.pieces(name));
  }

  /** Until a majority has it. Storing the same twice is the same as once. */
  async publish(subject: string, data: Uint8Array): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#link.publish(subject, data, PUBLISH_TIMEOUT_MS);
        return;
      } catch (error) {
        if (error instanceof StreamIsFull) throw unavailable("the cluster has no room left for files", error);
        if (tries === TRIES) throw asUnavailable(error);
      }
      await this.#wait(TRY_AGAIN_MS * 2 ** (tries - 1));
    }
  }

  async #piece(name: string, index: number, sum: Buffer): Promise<Uint8Array> {
    const subject = this.#subjects.piece(name, index);
    let fault: unknown = null;
    for (let tries = 1; tries <= TRIES; tries++) {
      try {
        const found = await this.#link.findLast(this.#subjects.stream, subject, (data) =>
          sumOf(data).equals(sum),
        );
        if (found !== null) return found.data;
      } catch (error) {
        // No leader, or none that answers: the copies are asked again.
        fault = error;
      }
      if (tries < TRIES) await this.#wait(TRY_AGAIN_MS * 2 ** (tries - 1));
    }
    throw unavailable(`piece ${index} of a file is in no copy of ${this.#subjects.stream}`, fault);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve));
  }
}
