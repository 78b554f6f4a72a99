import { signal, type ReadonlySignal } from "@preact/signals";

/** How long after a failure it is not tried again, in ms: a page that is offline would ask at every message. */
const RETRY_AFTER_MS = 5_000;

/** How many parts could not be loaded so far, for who asks why. */
export const failedLoads = signal(0);

/** A part of the page that is loaded when something first needs it. */
export class Loaded<Part> {
  readonly #load: () => Promise<Part>;
  readonly #part = signal<Part | null>(null);
  #loading: Promise<Part | null> | null = null;

  constructor(load: () => Promise<Part>) {
    this.#load = load;
  }

  /** The part; null until it is there. Who draws by it is drawn again then. */
  get value(): Part | null {
    const part = this.#part.value;
    if (part === null) void this.get();
    return part;
  }

  /** The part, and nothing is loaded for it; who draws by it is drawn again when somebody has loaded it. */
  get drawn(): Part | null {
    return this.#part.value;
  }

  /** The part once it has come, whoever it was loaded for. */
  get come(): ReadonlySignal<Part | null> {
    return this.#part;
  }

  /** The part where it is there already; null otherwise, and nothing is loaded for it. */
  get loaded(): Part | null {
    return this.#part.peek();
  }

  /** Loads it, or waits with those who asked before; null where it did not come. */
  async get(): Promise<Part | null> {
    this.#loading ??= this.#tryToLoad();
    return await this.#loading;
  }

  async #tryToLoad(): Promise<Part | null> {
    try {
      return (this.#part.value = await this.#load());
    } catch {
      // Intentionally without a word here: what it would adorn can be read without it.
      failedLoads.value += 1;
      setTimeout(() => (this.#loading = null), RETRY_AFTER_MS);
      return null;
    }
  }
}
