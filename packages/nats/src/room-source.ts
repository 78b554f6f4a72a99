import type { Msg } from "@nats-io/transport-node";
import type { SourcedRecord } from "./record-source.ts";
import type { NatsLink } from "./nats-link.ts";
import { decodeRecord, type RoomRecord } from "./record.ts";
import { type FoldSnapshot, RoomFold } from "./room-fold.ts";
import type { FeedSource } from "./room-feed.ts";
import { decodeSnapshot } from "./snapshots.ts";
import type { RoomSubjects } from "./subjects.ts";

/** One room's records, patches and snapshots, where they lie in the cluster. */
export class RoomSource implements FeedSource {
  readonly #link: NatsLink;
  readonly #sideStream: string;
  readonly #subjects: RoomSubjects;

  constructor(link: NatsLink, sideStream: string, subjects: RoomSubjects) {
    this.#link = link;
    this.#sideStream = sideStream;
    this.#subjects = subjects;
  }

  async head(): Promise<number | null> {
    const { stream, records } = this.#subjects;
    return (await this.#link.lastAtLeader(stream, records))?.seq ?? null;
  }

  async next(after: number): Promise<SourcedRecord | null> {
    return await this.#link.next(this.#subjects.stream, this.#subjects.records, after);
  }

  async named(seq: number, id: string): Promise<RoomRecord | null> {
    const data = await this.record(seq, (bytes) => decodeRecord(bytes)?.id === id);
    return data === null ? null : decodeRecord(data);
  }

  async commonestAt(seq: number): Promise<string | null> {
    const found = await this.#link.commonest(this.#subjects.stream, seq);
    return found === null ? null : (decodeRecord(found.data)?.id ?? null);
  }

  /** The record at `seq` that is what it should be, or what replaced it when a body of it was erased. */
  async record(seq: number, isRight: (data: Uint8Array) => boolean): Promise<Uint8Array | null> {
    const found = await this.#link.find(this.#subjects.stream, seq, isRight);
    if (found !== null) return found.data;
    const patch = await this.#link.lastAtLeader(this.#sideStream, `${this.#subjects.patches}.${seq}`);
    return patch !== null && isRight(patch.data) ? patch.data : null;
  }

  /** Several may be there while nodes replace them: the furthest counts, and it is removed only for a further one. */
  async snapshot(): Promise<RoomFold | null> {
    let newest: FoldSnapshot | null = null;
    for await (const { snapshot } of this.#snapshots()) {
      if (newest === null || snapshot.seq > newest.seq) newest = snapshot;
    }
    return newest === null ? null : RoomFold.restore(newest);
  }

  async forgetSnapshots(beyond: number): Promise<void> {
    for await (const { at, snapshot } of this.#snapshots()) {
      if (snapshot.seq > beyond) await this.#link.erase(this.#sideStream, at);
    }
  }

  async *#snapshots(): AsyncIterable<{ readonly at: number; readonly snapshot: FoldSnapshot }> {
    for (let at = 0; ; ) {
      const found = await this.#link.next(this.#sideStream, this.#subjects.snapshot, at);
      if (found === null) break;
      at = found.seq;
      yield { at, snapshot: await decodeSnapshot(found.data) };
    }
  }

  async listen(listener: (message: Msg) => void): Promise<{ unsubscribe(): void }> {
    const subscription = this.#link.subscribe(this.#subjects.live, listener);
    await this.#link.flush();
    return subscription;
  }
}
