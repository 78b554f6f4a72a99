/**
 * Small texts that outlive the page. Storage can be missing, forbidden or full (private windows,
 * blocked site data); then they last as long as the page, which is all that can be done.
 */
export class KeptTexts {
  readonly #storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;
  /** What storage would not take. */
  readonly #here = new Map<string, string>();

  constructor(storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null) {
    this.#storage = storage;
  }

  read(key: string): string | null {
    const here = this.#here.get(key);
    if (here !== undefined) return here;
    try {
      return this.#storage?.getItem(key) ?? null;
    } catch {
      // Intentionally not told: nothing was kept, and that is what null says.
      return null;
    }
  }

  /** Keeps `text` under `key`; an empty one forgets the key. */
  keep(key: string, text: string): void {
    try {
      if (this.#storage === null) throw new Error("no storage");
      if (text === "") this.#storage.removeItem(key);
      else this.#storage.setItem(key, text);
      this.#here.delete(key);
    } catch {
      this.#here.set(key, text);
    }
  }
}

/** The browser's storage, or null where even asking for it is forbidden. */
export function pageStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
