import { isJsonObject } from "@parlor/protocol";
import { signal } from "@preact/signals";
import type { KeptTexts } from "./kept-texts.ts";
import type { MessageFile } from "./message-files.ts";

/** What stands in an address in place of a header: for a room whose files are not for everybody. */
export interface Pass {
  /** Null where none is needed. */
  readonly text: string | null;
  /** ms since 1970. */
  readonly until: number;
}

export interface FilePassesOptions {
  /** `…/rooms/lobby/` */
  readonly place: (room: string) => string;
  readonly key: () => string | null;
  readonly identity: () => string | null;
  readonly texts: KeptTexts;
  /** ms since 1970. */
  readonly now: () => number;
}

const KEPT_KEY = "parlor.file-passes";
const MAX_KEPT = 40;
/** One that ends so soon is as good as over: what is shown with it is loaded a little later. ms */
const EARLY_MS = 60_000;
/** How long after the server could not be asked it is asked again, ms. */
const AGAIN_AFTER_MS = 10_000;
const PATIENCE_MS = 15_000;

/** Of each room the pass to its files: what is valid is used again, also by the next page. */
export class FilePasses {
  readonly #options: FilePassesOptions;
  readonly #rooms = new Map<string, RoomPass>();

  constructor(options: FilePassesOptions) {
    this.#options = options;
  }

  of(room: string): RoomPass {
    let pass = this.#rooms.get(room);
    if (pass === undefined) this.#rooms.set(room, (pass = new RoomPass(room, this.#options)));
    return pass;
  }
}

/** The pass to the files of one room. */
export class RoomPass {
  readonly #place: string;
  readonly #options: FilePassesOptions;
  readonly #pass = signal<Pass | null>(null);
  #asking: Promise<void> | null = null;

  constructor(room: string, options: FilePassesOptions) {
    this.#options = options;
    this.#place = options.place(room);
  }

  /** One that holds; null while it is asked for, and who draws by it is drawn again when it is here. */
  get value(): Pass | null {
    const pass = this.#pass.value;
    if (pass !== null && this.#holds(pass)) return pass;
    void this.#ask();
    return null;
  }

  /** Another one than that which the server did not take; null where there is no other. */
  async after(refused: Pass): Promise<Pass | null> {
    if (this.#pass.peek()?.text === refused.text) await this.#ask(true);
    const pass = this.#pass.peek();
    return pass === null || pass.text === refused.text ? null : pass;
  }

  addressOf({ hash, name }: MessageFile, { text }: Pass): string {
    const query = text === null ? "" : `&pass=${text}`;
    return `${this.#place}files/${hash}?name=${encodeURIComponent(name)}${query}`;
  }

  #ask(isRefused = false): Promise<void> {
    this.#asking ??= this.#find(isRefused).finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #find(isRefused: boolean): Promise<void> {
    // Never while somebody draws by it.
    await Promise.resolve();
    const kept = this.#kept();
    if (!isRefused && kept !== null && this.#holds(kept)) {
      this.#pass.value = kept;
      return;
    }
    const { now } = this.#options;
    try {
      const asked = await this.#fetch();
      this.#keep(asked);
      this.#pass.value = asked;
    } catch {
      // With no network the browser has what was shown, under the address that it was shown by.
      this.#pass.value = { text: kept?.text ?? null, until: now() + EARLY_MS + AGAIN_AFTER_MS };
    }
  }

  async #fetch(): Promise<Pass> {
    const { key, now } = this.#options;
    const own = key();
    const response = await fetch(`${this.#place}files`, {
      headers: own === null ? {} : { authorization: `Bearer ${own}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer: unknown = response.ok ? await response.json() : null;
    if (!isJsonObject(answer)) return { text: null, until: now() + EARLY_MS + AGAIN_AFTER_MS };
    const { pass, until } = answer;
    return typeof pass === "string" && typeof until === "number"
      ? { text: pass, until }
      : { text: null, until: Infinity };
  }

  #holds({ until }: Pass): boolean {
    return until - EARLY_MS > this.#options.now();
  }

  #kept(): Pass | null {
    return this.#allKept()[this.#place] ?? null;
  }

  #keep(pass: Pass): void {
    const { [this.#place]: _, ...others } = this.#allKept();
    const entries = Object.entries(others).slice(1 - MAX_KEPT);
    if (pass.text !== null) entries.push([this.#place, pass]);
    const all = { identity: this.#options.identity(), passes: Object.fromEntries(entries) };
    this.#options.texts.keep(KEPT_KEY, entries.length === 0 ? "" : JSON.stringify(all));
  }

  /** Those of whoever one is: a browser may have become the owner of another key. */
  #allKept(): Readonly<Record<string, Pass>> {
    try {
      const all: unknown = JSON.parse(this.#options.texts.read(KEPT_KEY) ?? "null");
      if (!isJsonObject(all) || all["identity"] !== this.#options.identity()) return {};
      const { passes } = all;
      return isJsonObject(passes) ? Object.fromEntries(Object.entries(passes).filter(isKeptPass)) : {};
    } catch {
      // Intentionally: what is no JSON was not kept by us.
      return {};
    }
  }
}

function isKeptPass(entry: readonly [string, unknown]): entry is [string, { text: string; until: number }] {
  const [, pass] = entry;
  return isJsonObject(pass) && typeof pass["text"] === "string" && typeof pass["until"] === "number";
}
