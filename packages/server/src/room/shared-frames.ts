/** Signals that one frame holds. */
export interface GatheredSignals {
  readonly room: string;
  readonly signals: readonly { readonly from: string; readonly bodyJson: string }[];
}

/**
 * How one transport writes frames. The same object must be used for the same form: it is the key under
 * which shared frames keep their bytes.
 */
export interface FramesEncoder {
  encodeFrames(texts: readonly string[]): Buffer;
  /** The frame of signals that go together, where this form has a quicker way to it than by its text. */
  encodeSignals?(gathered: GatheredSignals): Buffer;
}

/** Frames that many connections are sent as they are: encoded once for each form, in one buffer for one write. */
export class SharedFrames {
  readonly kind: "signals" | "presence" | "state";
  readonly #textsOf: () => readonly string[];
  /** What they are, where they are one frame of signals. */
  readonly #gathered: GatheredSignals | null;
  readonly #forms = new Map<FramesEncoder, Buffer>();
  #texts: readonly string[] | null = null;

  /** @param textsOf  Asked at most once, and not where nobody is sent text. */
  constructor(
    textsOf: () => readonly string[],
    gathered: GatheredSignals | null = null,
    kind: SharedFrames["kind"] = "signals",
  ) {
    this.kind = kind;
    this.#textsOf = textsOf;
    this.#gathered = gathered;
  }

  get texts(): readonly string[] {
    return (this.#texts ??= this.#textsOf());
  }

  bytesFor(encoder: FramesEncoder): Buffer {
    let bytes = this.#forms.get(encoder);
    if (bytes === undefined) {
      bytes =
        this.#gathered === null || encoder.encodeSignals === undefined
          ? encoder.encodeFrames(this.texts)
          : encoder.encodeSignals(this.#gathered);
      this.#forms.set(encoder, bytes);
    }
    return bytes;
  }
}
