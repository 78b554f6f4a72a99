/**
 * How one transport writes frames. The same object must be used for the same form: it is the key under
 * which shared frames keep their bytes.
 */
export interface FramesEncoder {
  encodeFrames(texts: readonly string[]): Buffer;
}

/** Frames that many connections are sent as they are: encoded once for each form, in one buffer for one write. */
export class SharedFrames {
  readonly texts: readonly string[];
  readonly kind: "signals" | "presence";
  readonly #forms = new Map<FramesEncoder, Buffer>();

  constructor(texts: readonly string[], kind: "signals" | "presence" = "signals") {
    this.texts = texts;
    this.kind = kind;
  }

  bytesFor(encoder: FramesEncoder): Buffer {
    let bytes = this.#forms.get(encoder);
    if (bytes === undefined) {
      bytes = encoder.encodeFrames(this.texts);
      this.#forms.set(encoder, bytes);
    }
    return bytes;
  }
}
