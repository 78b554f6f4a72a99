import type { NatsLink } from "./nats-link.ts";
import type { Subjects } from "./subjects.ts";

interface ShardNames {
  readonly lastSeq: number;
  readonly firstSeq: number;
  readonly messages: number;
  readonly names: readonly string[];
}

/** The names of all rooms of which the streams hold anything, sorted as UTF-8 sorts. */
export class RoomList {
  readonly #link: NatsLink;
  readonly #subjects: Subjects;
  readonly #shards = new Map<number, ShardNames>();
  #sorted: readonly string[] | null = null;

  constructor(link: NatsLink, subjects: Subjects) {
    this.#link = link;
    this.#subjects = subjects;
  }

  /** From behind `afterName` on. The streams are asked for names only where something was written since. */
  async *after(afterName: string): AsyncIterable<string> {
    const names = await this.#names();
    let low = 0;
    let high = names.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byName(names[middle] ?? "", afterName) > 0) high = middle;
      else low = middle + 1;
    }
    for (let i = low; i < names.length; i++) yield names[i] ?? "";
  }

  async #names(): Promise<readonly string[]> {
    const { shards } = this.#subjects;
    const changed = await Promise.all(Array.from({ length: shards }, (_, shard) => this.#look(shard)));
    if (this.#sorted === null || changed.some(Boolean)) {
      this.#sorted = [...this.#shards.values()].flatMap(({ names }) => names).sort(byName);
    }
    return this.#sorted;
  }

  /** Whether the shard's names may be others than before. */
  async #look(shard: number): Promise<boolean> {
    const stream = this.#subjects.stream(shard);
    const { state } = await this.#link.manager.streams.info(stream);
    const known = this.#shards.get(shard);
    const isSame = known?.lastSeq === state.last_seq && known.firstSeq === state.first_seq;
    if (isSame && known.messages === state.messages) return false;
    const subjects = await this.#link.subjects(stream, this.#subjects.records(shard));
    this.#shards.set(shard, {
      lastSeq: state.last_seq,
      firstSeq: state.first_seq,
      messages: state.messages,
      names: Object.keys(subjects).map((subject) => this.#subjects.roomOf(subject)),
    });
    return true;
  }
}

/** By code points, as UTF-8 sorts too; plain `<` would sort by UTF-16 units. */
function byName(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
