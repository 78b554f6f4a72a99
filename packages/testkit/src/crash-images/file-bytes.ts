/** A file's content that is written in place, as often as a run does. */
export class FileBytes {
  #room: Buffer;
  #length: number;

  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.#room = Buffer.from(bytes);
    this.#length = bytes.length;
  }

  get bytes(): Buffer {
    return this.#room.subarray(0, this.#length);
  }

  /** What lies between the end and `offset` is zeros, as in a file. */
  write(offset: number, bytes: Buffer): void {
    const end = offset + bytes.length;
    if (end > this.#room.length) {
      const larger = Buffer.alloc(2 * end);
      this.bytes.copy(larger);
      this.#room = larger;
    }
    bytes.copy(this.#room, offset);
    this.#length = Math.max(this.#length, end);
  }

  truncate(length: number): void {
    if (length > this.#length) this.write(length, Buffer.alloc(0));
    // What is cut off must be zeros when the file grows again.
    else this.#room.fill(0, length, this.#length);
    this.#length = length;
  }
}
