import { randomId } from "@parlor/base";
import type { ClientFrame, ServerFrame } from "@parlor/protocol";
import type { HistoryRecorder, PartyRecorder } from "@parlor/testkit";

export interface RecordedRoadOptions {
  /** `http://127.0.0.1:8080` */
  readonly origin: string;
  readonly room: string;
  /** Unique in the run. */
  readonly name: string;
  readonly recorder: HistoryRecorder;
}

/** Wait before the next request after one that failed, ms. */
const RETURN_MS = 25;
const NDJSON = { "content-type": "application/x-ndjson" };

/** What a recorded peer without a WebSocket has: who it is, what it saw, and requests made again for ever. */
abstract class RecordedRoad {
  protected readonly options: RecordedRoadOptions;
  protected readonly party: PartyRecorder;
  protected readonly hello: ClientFrame & { type: "hello" };
  protected isClosed = false;
  readonly #abort = new AbortController();
  #watchers: (() => void)[] = [];
  /** Requests that ended before their answer was whole. */
  faults = 0;

  constructor(options: RecordedRoadOptions) {
    this.options = options;
    this.party = options.recorder.party(options.name);
    this.hello = { type: "hello", version: 1, key: randomId(43), producer: randomId(16) };
    this.party.sent(this.hello);
    void this.#run();
  }

  /** Fulfils when `isTrue`, looked at whenever something came. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  close(): void {
    this.isClosed = true;
    this.#abort.abort();
  }

  protected abstract turn(signal: AbortSignal): Promise<void>;

  protected tellWatchers(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }

  protected async post(path: string, frames: readonly object[], signal: AbortSignal): Promise<Response> {
    const body = frames.map((frame) => JSON.stringify(frame)).join("\n");
    const url = `${this.options.origin}/connect/${path}`;
    const response = await fetch(url, { method: "POST", headers: NDJSON, body, signal });
    if (response.status === 200) return response;
    throw new Error(`${response.status}: ${await response.text()}`);
  }

  async #run(): Promise<void> {
    while (!this.isClosed) {
      try {
        await this.turn(this.#abort.signal);
      } catch {
        // Killed under it: what was not answered is asked again, of whoever comes next.
        this.faults += 1;
        await new Promise((resolve) => setTimeout(resolve, RETURN_MS));
      }
      this.tellWatchers();
    }
  }
}

/** Follows a room over event streams or polls, each of which goes on behind its cursor. */
export class RecordedReader extends RecordedRoad {
  readonly #road: "stream" | "poll";

  constructor(road: "stream" | "poll", options: RecordedRoadOptions) {
    super(options);
    this.#road = road;
  }

  get offset(): number {
    return this.party.cursor(this.options.room)?.offset ?? -1;
  }

  protected override async turn(signal: AbortSignal): Promise<void> {
    const { room } = this.options;
    const cursor = this.party.cursor(room);
    const subscribe: ClientFrame =
      cursor === null
        ? { type: "subscribe", room, after: 0 }
        : { type: "subscribe", room, epoch: cursor.epoch, after: cursor.offset };
    this.party.sent(subscribe);
    const path = this.#road === "stream" ? "stream" : "poll?wait=2";
    const response = await this.post(path, [this.hello, subscribe], signal);
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      const lines = (text + decoder.decode(chunk as Uint8Array, { stream: true })).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) this.#take(line);
      this.tellWatchers();
    }
  }

  /** A line of an event stream or of a poll's answer; of the former those with data are frames. */
  #take(line: string): void {
    const json = line.startsWith("data: ") ? line.slice("data: ".length) : line;
    if (!json.startsWith("{")) return;
    const frame = JSON.parse(json) as ServerFrame;
    if (frame.type === "error") throw new Error(frame.message);
    this.party.received(frame);
  }
}

/** Publishes by `/connect/send`, a few at a time, each again until it is answered. */
export class RecordedSender extends RecordedRoad {
  readonly #unacked = new Map<number, ClientFrame & { type: "publish" }>();
  #seq = 0;
  #isPublishing = true;
  acked = 0;

  get unackedCount(): number {
    return this.#unacked.size;
  }

  stopPublishing(): void {
    this.#isPublishing = false;
  }

  protected override async turn(signal: AbortSignal): Promise<void> {
    const { room } = this.options;
    while (this.#isPublishing && this.#unacked.size < 20) {
      this.#seq += 1;
      const body = `${this.hello.producer}#${this.#seq}.`;
      this.#unacked.set(this.#seq, { type: "publish", room, seq: this.#seq, body });
    }
    if (this.#unacked.size === 0) return this.close();
    const publishes = [...this.#unacked.values()];
    for (const publish of publishes) this.party.sent(publish);
    const answer = await (await this.post("send", [this.hello, ...publishes], signal)).text();
    for (const line of answer.split("\n").filter((each) => each !== "")) {
      const frame = JSON.parse(line) as ServerFrame;
      this.party.received(frame);
      if (frame.type === "ack") {
        this.#unacked.delete(frame.seq);
        this.acked += 1;
      }
    }
    if (answer.includes('"refused"')) throw new Error(answer);
  }
}
