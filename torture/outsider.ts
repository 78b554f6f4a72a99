import { createHash, randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { randomId, type Random } from "@parlor/base";
import { parsePosition, type Message, type Position } from "@parlor/protocol";
import { type HistoryEvent, randomInteger } from "@parlor/testkit";
import { uploadThroughFaults } from "./broken-upload.ts";
import { kept } from "./member.ts";
import { keptEntry } from "./read-log.ts";
import type { SentFiles } from "./sent-files.ts";
import type { Tally } from "./tally.ts";

export interface OutsiderOptions {
  /** Of the server, or of a network before it. */
  readonly url: string;
  readonly name: string;
  readonly room: string;
  readonly random: Random;
  readonly tally: Tally;
  readonly record: (event: HistoryEvent) => void;
  readonly files: SentFiles;
}

/** A publish that got no answer in this time is sent again, ms. */
const ANSWER_MS = 5_000;
/** A feed that shows no sign of life for so long is over; the server's comments come more often. */
const SILENCE_MS = 12_000;
const PAUSE_MS = { min: 50, max: 500 };
/** Most are small, and some are more than one piece on NATS. */
const MAX_FILE_BYTES = 200_000;

/**
 * Somebody without the product's client, as a script with `curl` would be: publishes over REST and sends again
 * what was not answered, and reads the event feed behind the last id that it saw.
 */
export class Outsider {
  readonly name: string;
  readonly room: string;
  /** Publishes that have no answer yet. */
  unanswered = 0;
  readonly #options: OutsiderOptions;
  readonly #roomAddress: string;
  readonly #address: string;
  #producer = randomId(12);
  readonly #key = randomId(43);
  readonly #end = new AbortController();
  #seq = 0;
  #position: Position | null = null;

  constructor(options: OutsiderOptions) {
    this.#options = options;
    this.name = options.name;
    this.room = options.room;
    this.#roomAddress = `${options.url}rooms/${options.room}`;
    this.#address = `${this.#roomAddress}/messages`;
    void this.#follow();
  }

  get offset(): number {
    return this.#position?.offset ?? 0;
  }

  close(): void {
    this.#end.abort();
  }

  /** Says something, and fulfils when the server has answered that it is stored. */
  async publish(body: string): Promise<void> {
    this.unanswered += 1;
    try {
      await this.#publish(body);
    } finally {
      this.unanswered -= 1;
    }
  }

  /** Uploads a file, and says something with it; without one where the server takes none now. */
  async publishFile(text: string): Promise<void> {
    const { room, random, tally, files } = this.#options;
    this.unanswered += 1;
    try {
      const content = randomBytes(randomInteger(random, 1, Math.ceil(MAX_FILE_BYTES * random() ** 3)));
      const outcome = await uploadThroughFaults({
        room: this.#roomAddress,
        // Of somebody new each time: an answer that was lost leaves an upload behind, and one may have only some.
        key: randomId(43),
        content,
        signal: this.#end.signal,
        pauseMs: () => randomInteger(random, PAUSE_MS.min, PAUSE_MS.max),
        onCut: () => tally.add("uploads gone on with"),
      });
      if (outcome.kind !== "taken") {
        tally.add("files refused");
        if (outcome.kind === "forgotten")
          files.violations.push(`an upload to ${room} that had begun was forgotten`);
        await this.#publish(text);
        return;
      }
      const { file } = outcome;
      const hash = createHash("sha256").update(content).digest("hex");
      if (file.hash !== hash) files.violations.push(`what was uploaded to ${room} became another file`);
      const offset = await this.#publish({ text, files: [file] });
      if (offset === null) return;
      tally.add("files acked");
      files.add({ room, hash, size: content.length, offset });
    } catch (error) {
      if (!this.#end.signal.aborted) throw error;
    } finally {
      this.unanswered -= 1;
    }
  }

  /** Where it is stored; null where it is not, since all is over. */
  async #publish(
    body: string | { readonly text: string; readonly files: readonly object[] },
  ): Promise<number | null> {
    const { room, record, tally, files } = this.#options;
    const about = { kind: "publish", room, producer: this.#producer, seq: ++this.#seq } as const;
    const json = JSON.stringify(body);
    record({ ...about, outcome: "invoke", body: kept(json) });
    const headers = {
      "content-type": "application/json",
      authorization: `Bearer ${this.#key}`,
      "parlor-producer": this.#producer,
      "parlor-seq": String(about.seq),
    };
    for (;;) {
      try {
        const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(ANSWER_MS)]);
        const request = { method: "POST", headers, body: json, signal };
        const answer = await fetch(this.#address, request);
        const { epoch, offset } = (await answer.json()) as { epoch?: string; offset?: number };
        if (answer.ok && offset !== undefined) {
          record({ ...about, outcome: "ok", epoch: epoch ?? null, offset });
          tally.add("acked over REST");
          return offset;
        }
        if (answer.status === 400 && typeof body !== "string") {
          record({ ...about, outcome: "fail" });
          files.violations.push(`a file that was taken in ${room} is not there for its message`);
          // A seq is of one content for ever, and what follows would rely on it.
          this.#producer = randomId(12);
          this.#seq = 0;
          return null;
        }
      } catch {
        // Cut, killed or late: nobody knows, so it is sent again.
        if (this.#end.signal.aborted) return null;
      }
      tally.add("sent again over REST");
      await this.#pause();
    }
  }

  async #follow(): Promise<void> {
    while (!this.#end.signal.aborted) {
      try {
        await this.#read();
      } catch {
        // The feed was cut: that is what cursors are for.
      }
      await this.#pause();
    }
  }

  async #read(): Promise<void> {
    const last = this.#position;
    const resume = last === null ? {} : { "last-event-id": `${last.epoch}:${last.offset}` };
    const silence = new AbortController();
    const watch = setTimeout(() => silence.abort(), SILENCE_MS);
    const signal = AbortSignal.any([this.#end.signal, silence.signal]);
    const answer = await fetch(this.#address, {
      signal,
      headers: { accept: "text/event-stream", ...resume },
    });
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      watch.refresh();
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) this.#take(event);
    }
  }

  #take(event: string): void {
    const { name: subscriber, room, record, tally } = this.#options;
    const id = parsePosition(/^id: (.*)$/m.exec(event)?.[1] ?? "");
    if (id === null) return;
    const data = /^data: (.*)$/m.exec(event)?.[1];
    if (data === undefined || event.includes("event: ")) {
      const cursor = this.#position;
      const lost = data === undefined ? null : JSON.parse(data);
      record({ kind: "subscribed", subscriber, room, cursor, ...begins(id), lost, skipped: null });
      if (cursor !== null) tally.add("feeds resumed");
    } else {
      const entries = [keptEntry(JSON.parse(data) as Message)];
      record({ kind: "messages", subscriber, room, epoch: id.epoch, after: this.offset, entries });
      tally.add("deliveries", 1);
    }
    this.#position = id;
  }

  async #pause(): Promise<void> {
    const { random } = this.#options;
    await wait(randomInteger(random, PAUSE_MS.min, PAUSE_MS.max), undefined, {
      signal: this.#end.signal,
    }).catch(() => undefined);
  }
}

function begins({ epoch, offset }: Position): { epoch: string; after: number } {
  return { epoch, after: offset };
}
