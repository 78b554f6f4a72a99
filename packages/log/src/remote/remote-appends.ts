import type { Append, AppendResult } from "../room-log.ts";
import { packAppends } from "../sqlite/append-columns.ts";
import { unavailable } from "../status-board.ts";
import { errorOf, readOutcome } from "./append-results.ts";
import { type LinkFrame, linkFrame } from "./link-frame.ts";
import { ColumnReader } from "./text-columns.ts";

interface Pending {
  readonly append: Append;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: Error) => void;
}

/** What one worker may have under way. The owner bounds what all of them have. */
const MAX_PENDING_APPENDS = 50_000;
const MAX_PENDING_CHARACTERS = 67_108_864;

/** A frame of appends ends when it holds so much, so that the owner can begin with it. */
const MAX_FRAME_APPENDS = 1_000;
const MAX_FRAME_CHARACTERS = 1_048_576;

/** Appends on their way to the owner: those of one turn of the event loop travel together, in order. */
export class RemoteAppends {
  readonly #send: (frame: LinkFrame) => void;
  readonly #pending = new Map<number, Pending>();
  #gathered: Append[] = [];
  #lastId = 0;
  #characters = 0;

  constructor(send: (frame: LinkFrame) => void) {
    this.#send = send;
  }

  get count(): number {
    return this.#pending.size;
  }

  add(append: Append): Promise<AppendResult> {
    const characters = append.bodyJson.length;
    if (this.#pending.size >= MAX_PENDING_APPENDS || this.#characters + characters > MAX_PENDING_CHARACTERS) {
      return Promise.reject(unavailable("too many messages wait for the log's owner; try again"));
    }
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      this.#pending.set(this.#lastId, { append, resolve, reject });
      this.#characters += characters;
      if (this.#gathered.push(append) === 1) setImmediate(() => this.flush());
    });
  }

  /** Sends what is gathered, so that what is sent next comes after it. */
  flush(): void {
    const gathered = this.#gathered;
    this.#gathered = [];
    let from = 0;
    while (from < gathered.length) {
      const to = endOfFrame(gathered, from);
      const { text, numbers } = packAppends(gathered.slice(from, to), 0);
      this.#send(linkFrame("append", this.#lastId - gathered.length + 1 + from, text, numbers));
      from = to;
    }
  }

  settle(frame: LinkFrame): void {
    const results = new ColumnReader(frame);
    while (!results.isAtEnd) {
      const { id, outcome } = readOutcome(results);
      const pending = this.#take(id);
      if (outcome.kind === "fault") pending?.reject(errorOf(outcome.fault));
      else pending?.resolve(outcome);
    }
  }

  failAll(error: Error): void {
    this.#gathered = [];
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(error);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    this.#characters -= pending.append.bodyJson.length;
    return pending;
  }
}

function endOfFrame(appends: readonly Append[], from: number): number {
  let characters = 0;
  let to = from;
  while (to < appends.length && to - from < MAX_FRAME_APPENDS) {
    characters += appends[to]?.bodyJson.length ?? 0;
    if (characters > MAX_FRAME_CHARACTERS && to > from) break;
    to += 1;
  }
  return to;
}
