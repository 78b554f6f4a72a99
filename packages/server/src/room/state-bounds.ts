import { CodedError } from "@parlor/base";
import { stateBytes, type KeyedState } from "./keyed-state.ts";

/** What one room's state may hold. */
export interface StateLimits {
  readonly maxStateKeys: number;
  /** Of keys and values as JSON, in UTF-8. */
  readonly maxStateBytes: number;
}

/**
 * Keeps a room's state within its limits while changes are on their way to the log: each takes its place
 * here before it is written, and gives it back once the state shows it.
 */
export class StateBounds {
  readonly #limits: StateLimits;
  readonly #state: KeyedState;
  /** How many changes of each key are on their way. */
  readonly #reserved = new Map<string, number>();
  #reservedBytes = 0;

  constructor(limits: StateLimits, state: KeyedState) {
    this.#limits = limits;
    this.#state = state;
  }

  /** @returns what gives the place back. @throws {CodedError} `too-large`, and nothing was taken. */
  reserve(key: string, valueJson: string): () => void {
    const { maxStateKeys, maxStateBytes } = this.#limits;
    if (!this.#hasRoomFor(key)) {
      throw new CodedError("too-large", `The state of one room has at most ${maxStateKeys} keys.`);
    }
    const held = this.#state.get(key);
    const bytes = Math.max(0, stateBytes(key, valueJson) - (held === null ? 0 : stateBytes(key, held)));
    if (this.#state.bytes + this.#reservedBytes + bytes > maxStateBytes) {
      throw new CodedError("too-large", `The state of one room has at most ${maxStateBytes} bytes.`);
    }
    this.#reserved.set(key, (this.#reserved.get(key) ?? 0) + 1);
    this.#reservedBytes += bytes;
    return () => {
      const sets = (this.#reserved.get(key) ?? 1) - 1;
      this.#reservedBytes -= bytes;
      if (sets > 0) this.#reserved.set(key, sets);
      else this.#reserved.delete(key);
    };
  }

  #hasRoomFor(key: string): boolean {
    const { maxStateKeys } = this.#limits;
    if (this.#state.get(key) !== null || this.#reserved.has(key)) return true;
    // Nearly always far from it, and then the keys that are on their way need not be looked at one by one.
    if (this.#state.keys + this.#reserved.size < maxStateKeys) return true;
    const onTheirWay = [...this.#reserved.keys()].filter((name) => this.#state.get(name) === null);
    return this.#state.keys + onTheirWay.length < maxStateKeys;
  }
}
