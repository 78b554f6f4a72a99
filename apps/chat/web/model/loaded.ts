import { signal, type ReadonlySignal } from "@preact/signals";

/** How long after a failure it is tried again, in ms: a page that is offline would ask at every message. */
const RETRY_AFTER_MS = 5_000;

/** A part of the page that is loaded when something first needs it. */
export class Loaded<Part> {
  readonly #load: () => Promise<Part>;
  readonly #part = signal<Part | null>(null);
  #isLoading = false;

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

  /** Loads it, where that is not under way. */
  async get(): Promise<Part | null> {
    if (this.#isLoading || this.#part.peek() !== null) return this.#part.peek();
    this.#isLoading = true;
    try {
      this.#part.value = await this.#load();
      return this.#part.peek();
    } catch {
      // Intentionally without a word: what it would adorn can be read without it.
      await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
      return null;
    } finally {
      this.#isLoading = false;
    }
  }
}
