import { RingBuffer } from "@parlor/base";
import type { Append, AppendResult } from "@parlor/log";

/** What a writer answers: of each append in order, and up to which sequence it had seen the room. */
export interface Forwarded {
  readonly results: readonly AppendResult[];
  readonly seq: number;
}

/** What a forwarder needs of its room and of the cluster. */
export interface ForwardingRoom {
  /** The node that should write; null where it is this one. */
  writer(): string | null;
  /** Has another node append. Rejects where it is silent or can't: then it may have been done. */
  forward(node: string, appends: readonly Append[]): Promise<Forwarded>;
  /** Appends here, in the order of the calls, or refuses at the deadline. */
  append(append: Append, deadlineMs: number): Promise<AppendResult>;
  /** When, on the monotonic clock, what is asked for now is refused. */
  readonly deadlineMs: number;
  /** Fulfils when nothing is appended here any more. */
  idle(): Promise<void>;
  /** Sees to it that the record at `seq` is seen here. */
  see(seq: number): Promise<void>;
}

interface Waiting {
  readonly append: Append;
  readonly deadlineMs: number;
  readonly resolve: (result: AppendResult | Promise<AppendResult>) => void;
}

const MAX_MESSAGES = 500;
const MAX_BYTES = 300_000;

/**
 * Hands the appends of one room to the node that writes to it: one request at a time, and what comes meanwhile
 * gathers. Where that node is silent they are appended here, before any later one; if it had done it all the same,
 * they turn out to be duplicates.
 */
export class Forwarder {
  readonly #room: ForwardingRoom;
  readonly #queue = new RingBuffer<Waiting>();
  #running: Promise<void> | null = null;

  constructor(room: ForwardingRoom) {
    this.#room = room;
  }

  get isBusy(): boolean {
    return this.#running !== null;
  }

  append(append: Append): Promise<AppendResult> {
    return new Promise((resolve) => {
      this.#queue.push({ append, deadlineMs: this.#room.deadlineMs, resolve });
      this.#running ??= Promise.resolve().then(() => this.#run());
    });
  }

  /** Fulfils when nothing is under way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) await this.#once(this.#takeBatch());
    this.#running = null;
  }

  async #once(batch: readonly Waiting[]): Promise<void> {
    const writer = this.#room.writer();
    const appends = batch.map(({ append }) => append);
    // What nobody remembers could be made twice if the writer's answer were lost.
    if (writer !== null && appends.every(({ remember }) => remember)) {
      try {
        // What was appended here comes before.
        await this.#room.idle();
        const { results, seq } = await this.#room.forward(writer, appends);
        // So that a read here shows what was acknowledged here.
        await this.#room.see(seq);
        for (const [i, { resolve }] of batch.entries()) {
          const result = results[i];
          if (result === undefined)
            throw new Error(`${writer} answered ${results.length} of ${batch.length} appends`);
          resolve(result);
        }
        return;
      } catch {
        // Silent, gone, or cut off from the streams: this node writes itself.
      }
    }
    const done = batch.map(({ append, deadlineMs, resolve }) => {
      const appending = this.#room.append(append, deadlineMs);
      resolve(appending);
      return appending;
    });
    await Promise.allSettled(done);
  }

  #takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    for (;;) {
      const next = this.#queue.at(0);
      if (next === undefined) break;
      bytes += Buffer.byteLength(next.append.bodyJson);
      if (batch.length > 0 && (batch.length >= MAX_MESSAGES || bytes > MAX_BYTES)) break;
      this.#queue.shift();
      batch.push(next);
    }
    return batch;
  }
}
