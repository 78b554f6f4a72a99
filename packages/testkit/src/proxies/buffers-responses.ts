import { Transform } from "node:stream";
import type { ProxyFault } from "./proxy-fault.ts";

/** Bytes of one body that are held at most, however many were asked for. */
const MAX_HELD_BYTES = 16_777_216;

/**
 * A proxy that holds a response back until so many bytes of its body are there, and gives them at once; the
 * head waits for the first of them. Without a number it waits until the body is complete (or has 16 MiB).
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
    if (this.#heldBytes >= this.#limitBytes) this.#give();
    done();
  }

  override _flush(done: () => void): void {
    this.#give();
    done();
  }

  #give(): void {
    if (this.#heldBytes > 0) this.push(Buffer.concat(this.#held));
    this.#held = [];
    this.#heldBytes = 0;
  }
}
