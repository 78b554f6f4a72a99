import { Transform } from "node:stream";
import type { ProxyFault } from "./proxy-fault.ts";

/** Bytes of one body that are held at most, however many were asked for. */
const MAX_HELD_BYTES = 16_777_216;

/**
 * A proxy that passes on a response's body in whole blocks of so many bytes, and what is left at its end; the head waits
 * for the first of them. Without a number it waits until the body is complete (or has 16 MiB).
 */
export function buffersResponses(bytes = Infinity): ProxyFault {
  return { body: () => new HeldBody(Math.min(bytes, MAX_HELD_BYTES)) };
}

class HeldBody extends Transform {
  readonly #limitBytes: number;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(limitBytes: number) {
    super();
    this.#limitBytes = limitBytes;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= this.#limitBytes) this.#give(this.#heldBytes % this.#limitBytes);
    done();
  }

  override _flush(done: () => void): void {
    this.#give(0);
    done();
  }

  #give(keptBytes: number): void {
    const held = Buffer.concat(this.#held);
    const givenBytes = held.length - keptBytes;
    if (givenBytes > 0) this.push(held.subarray(0, givenBytes));
    this.#held = keptBytes > 0 ? [held.subarray(givenBytes)] : [];
    this.#heldBytes = keptBytes;
  }
}
