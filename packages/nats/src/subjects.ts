import { createHash } from "node:crypto";

/** Names of the streams and subjects of one log; `name` sets several logs of one cluster apart. */
export class Subjects {
  readonly #name: string;
  readonly shards: number;

  constructor(name: string, shards: number) {
    this.#name = name;
    this.shards = shards;
  }

  stream(shard: number): string {
    return `${this.#name}_${shard}`;
  }
  /** Snapshots, patches and what is said of the whole log. */
  get sideStream(): string {
    return `${this.#name}_side`;
  }
  get side(): readonly string[] {
    return [this.meta, `${this.#name}.s.>`, `${this.#name}.x.>`];
  }
  get meta(): string {
    return `${this.#name}.m`;
  }
  /** What is being copied into the log; no room's snapshot has so short a subject. */
  get copying(): string {
    return `${this.#name}.s.copying`;
  }
  /** Where nodes say that they are there. */
  get members(): string {
    return `${this.#name}.n`;
  }
  /** Where a node is asked to append. */
  desk(node: string): string {
    return `${this.#name}.w.${Buffer.from(node).toString("base64url")}`;
  }
  /** All records of a shard. */
  records(shard: number): string {
    return `${this.#name}.p.${shard}.*`;
  }
  /** Where the broker publishes again what it stored. */
  republished(shard: number): string {
    return `${this.#name}.r.${shard}`;
  }
  get allRepublished(): string {
    return `${this.#name}.r.*.*`;
  }

  room(room: string): RoomSubjects {
    const token = Buffer.from(room).toString("base64url");
    const shard = shardOf(token, this.shards);
    const tail = `${shard}.${token}`;
    return {
      stream: this.stream(shard),
      records: `${this.#name}.p.${tail}`,
      live: `${this.#name}.r.${tail}`,
      snapshot: `${this.#name}.s.${tail}`,
      patches: `${this.#name}.x.${tail}`,
    };
  }

  /** The stream that holds what is published to a subject. */
  streamOf(subject: string): string {
    const shard = subject.startsWith(`${this.#name}.p.`) ? subject.split(".").at(-2) : undefined;
    return shard === undefined ? this.sideStream : this.stream(Number(shard));
  }

  /** The room that a subject of records speaks of. */
  roomOf(subject: string): string {
    return Buffer.from(subject.slice(subject.lastIndexOf(".") + 1), "base64url").toString();
  }
}

export interface RoomSubjects {
  readonly stream: string;
  readonly records: string;
  readonly live: string;
  readonly snapshot: string;
  /** With the sequence of the record that is replaced behind it. */
  readonly patches: string;
}

function shardOf(token: string, shards: number): number {
  return createHash("sha256").update(token).digest().readUInt32BE(0) % shards;
}
