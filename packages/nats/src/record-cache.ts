import type { StoredMessage } from "@parlor/log";

interface Cached {
  readonly messages: readonly StoredMessage[];
  readonly bytes: number;
}

/** Per record, beside its bodies. */
const OVERHEAD_BYTES = 200;

/** The messages of records that were read or heard lately, of all rooms; the least recently used go first. */
export class RecordCache {
  readonly #maxBytes: number;
  readonly #records = new Map<string, Cached>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(stream: string, seq: number): readonly StoredMessage[] | undefined {
    const key = `${stream}/${seq}`;
    const found = this.#records.get(key);
    if (found === undefined) return undefined;
    this.#records.delete(key);
    this.#records.set(key, found);
    return found.messages;
  }

  put(stream: string, seq: number, messages: readonly StoredMessage[]): void {
    this.drop(stream, seq);
    let bytes = OVERHEAD_BYTES;
    for (const { bodyJson } of messages) bytes += OVERHEAD_BYTES + 2 * (bodyJson?.length ?? 0);
    this.#records.set(`${stream}/${seq}`, { messages, bytes });
    this.#bytes += bytes;
    for (const [key, oldest] of this.#records) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#records.delete(key);
      this.#bytes -= oldest.bytes;
    }
  }

  drop(stream: string, seq: number): void {
    const key = `${stream}/${seq}`;
    const found = this.#records.get(key);
    if (found === undefined) return;
    this.#records.delete(key);
    this.#bytes -= found.bytes;
  }
}
