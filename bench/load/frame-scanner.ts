/** What a scanner tells of the frames that pass. `bytes` is valid during the call only. */
export interface FrameSink {
  /** A stretch of a frame's payload, from `start` up to `end`. */
  payload(bytes: Buffer, start: number, end: number): void;
  /** The frame whose payload was told is over. */
  frameEnd(isText: boolean): void;
}

/** Where a scanner is: bytes of the header so far, or bytes of the payload still to come. */
const MAX_HEADER_BYTES = 10;

/**
 * Finds the frames in what a server sends, without copying: one look at each header, whatever the size
 * of the payload and however the bytes were cut on their way.
 */
export class FrameScanner {
  readonly #sink: FrameSink;
  readonly #header = Buffer.alloc(MAX_HEADER_BYTES);
  #headerBytes = 0;
  #neededBytes = 2;
  #payloadBytes = 0;
  #isText = false;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  scan(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#headerBytes < this.#neededBytes) {
        this.#header[this.#headerBytes++] = bytes[at++] as number;
        if (this.#headerBytes === 2) this.#neededBytes = neededHeaderBytes(this.#header[1] as number);
        if (this.#headerBytes < this.#neededBytes) continue;
        this.#readHeader();
      } else {
        const end = Math.min(bytes.length, at + this.#payloadBytes);
        this.#sink.payload(bytes, at, end);
        this.#payloadBytes -= end - at;
        at = end;
      }
      if (this.#payloadBytes === 0) this.#endFrame();
    }
  }

  #readHeader(): void {
    const header = this.#header;
    const short = (header[1] as number) & 0x7f;
    this.#isText = ((header[0] as number) & 0x0f) === 1;
    if (short < 126) this.#payloadBytes = short;
    else if (short === 126) this.#payloadBytes = header.readUInt16BE(2);
    else this.#payloadBytes = Number(header.readBigUInt64BE(2));
  }

  #endFrame(): void {
    this.#headerBytes = 0;
    this.#neededBytes = 2;
    this.#sink.frameEnd(this.#isText);
  }
}

function neededHeaderBytes(second: number): number {
  const short = second & 0x7f;
  return short < 126 ? 2 : short === 126 ? 4 : 10;
}
