/** What was set of one key, in the order of the calls, as JSON; "null" removes. */
interface KeyStory {
  readonly values: string[];
  /** Index of the newest that was acknowledged; -1 where none was, or the room was deleted since. */
  acked: number;
  /** What was set before it may be gone, as the room was deleted. */
  from: number;
}

/** A change of state that somebody asked for. */
export interface AskedSet {
  readonly room: string;
  readonly key: string;
  readonly index: number;
}

/**
 * What a room's state may be at the end: of each key nothing that nobody set, and nothing older than the newest
 * that was acknowledged, where one page alone sets it.
 */
export class StateTruth {
  readonly #stories = new Map<string, Map<string, KeyStory>>();

  asked(room: string, key: string, json: string): AskedSet {
    let keys = this.#stories.get(room);
    if (keys === undefined) this.#stories.set(room, (keys = new Map()));
    let story = keys.get(key);
    if (story === undefined) keys.set(key, (story = { values: [], acked: -1, from: 0 }));
    return { room, key, index: story.values.push(json) - 1 };
  }

  acked({ room, key, index }: AskedSet): void {
    const story = this.#stories.get(room)?.get(key);
    if (story !== undefined && index >= story.from) story.acked = Math.max(story.acked, index);
  }

  /** The room's state was deleted: what was asked for before may be gone. */
  deleted(room: string): void {
    for (const story of this.#stories.get(room)?.values() ?? []) {
      story.from = story.values.length;
      story.acked = -1;
    }
  }

  /** What is wrong with what the log holds. @param isOwn  Whether one page alone sets that key. */
  faultsOf(room: string, held: ReadonlyMap<string, string>, isOwn: (key: string) => boolean): string[] {
    const faults: string[] = [];
    for (const key of held.keys())
      if (this.#stories.get(room)?.has(key) !== true)
        faults.push(`invented-state: nobody set ${key} of ${room}`);
    for (const [key, { values, acked }] of this.#stories.get(room) ?? []) {
      const value = held.get(key) ?? "null";
      const mayBe = isOwn(key) && acked >= 0 ? values.slice(acked) : [...values, "null"];
      if (!mayBe.includes(value))
        faults.push(`lost-set: ${key} of ${room} is ${value}, and may be ${mayBe.join(" or ")}`);
    }
    return faults;
  }
}

/** Folds what a side room holds; removed keys are not in it. */
export function foldState(records: readonly (string | null)[]): Map<string, string> {
  const held = new Map<string, string>();
  for (const record of records) {
    const { key, value } = JSON.parse(record ?? "{}") as { readonly key?: string; readonly value?: unknown };
    if (key === undefined) throw new Error(`no run sets so much that a state is written anew: ${record}`);
    if (value === null) held.delete(key);
    else held.set(key, JSON.stringify(value));
  }
  return held;
}
