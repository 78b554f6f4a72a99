/**
 * Small texts that outlive the page. Storage can be missing, forbidden or full (private windows,
 * blocked site data); then they last as long as the page, which is all that can be done.
 */
export class KeptTexts {
  readonly #storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;
  readonly #ofTab: Pick<Storage, "getItem" | "setItem"> | null;
  /** What storage would not take. */
  readonly #here = new Map<string, string>();

  /** @param ofTab What no other tab reads or writes, and a reload leaves. */
  constructor(
    storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null,
    ofTab: Pick<Storage, "getItem" | "setItem"> | null = null,
  ) {
    this.#storage = storage;
    this.#ofTab = ofTab;
  }

  read(key: string): string | null {
    const here = this.#here.get(key);
    if (here !== undefined) return here;
    try {
      return this.#ofTab?.getItem(key) ?? this.#storage?.getItem(key) ?? null;
    } catch {
      // Intentionally not told: nothing was kept, and that is what null says.
      return null;
    }
  }

  /** Keeps `text` for this tab alone, which reads it and not what other tabs keep under `key`, also where it is empty. */
  keepInTab(key: string, text: string): void {
    try {
      this.#ofTab?.setItem(key, text);
    } catch {
      this.#here.set(key, text);
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

/** One of the browser's storages, or null where even asking for it is forbidden. */
export function pageStorage(which: "localStorage" | "sessionStorage"): Storage | null {
  try {
    return window[which];
  } catch {
    return null;
  }
}
