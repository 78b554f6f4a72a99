import { ParlorClient } from "@parlor/client";
import type { Message } from "@parlor/protocol";
import { until, wait } from "@parlor/testkit";

/** As many publishes a second as one identity may go on with for ever. */
const PER_SECOND = 20;
/** How much faster it talks before anything counts: of the burst that an identity has, two thirds are used up by that. */
const HURRY = 1.5;
const SETTLE_MS = 20_000;

/**
 * Two well-behaved clients in a room of their own: one says something twenty times a second, the other hears it.
 * Both are the product's own, and each message carries when it was said.
 */
export class Pair implements Disposable {
  readonly #room: string;
  readonly #speaker: ParlorClient;
  readonly #hearer: ParlorClient;
  readonly #faults: string[] = [];
  #said = 0;
  #acked = 0;
  #heard = 0;
  #times: number[] = [];

  constructor(url: string, name: string) {
    this.#room = name;
    this.#speaker = new ParlorClient(url, { transports: ["websocket"] });
    this.#hearer = new ParlorClient(url, { transports: ["websocket"] });
    const room = this.#hearer.room(name);
    room.on("messages", (messages) => this.#hear(messages));
    room.on("subscribed", ({ lost, skipped }) => {
      if (lost !== null || skipped !== null) this.#faults.push("the reader was told of something lost");
    });
    for (const [who, client] of [
      ["speaker", this.#speaker],
      ["reader", this.#hearer],
    ] as const) {
      let wasOpen = false;
      client.on("state", ({ kind }) => {
        if (wasOpen && kind === "waiting") this.#faults.push(`the ${who} lost its connection`);
        wasOpen = kind === "open";
      });
      client.on("error", ({ message }) => this.#faults.push(`the ${who} was told: ${message}`));
    }
    room.subscribe();
  }

  /** Both are there, and code that runs is compiled where there are enough messages for it. */
  async warmUp(messages: number): Promise<void> {
    if (!(await until(() => this.#hearer.room(this.#room).cursor !== null, SETTLE_MS)))
      throw new Error("the reader could not join");
    for (let i = 0; i < messages; i++) {
      this.#say();
      await wait(1_000 / PER_SECOND / HURRY);
    }
    this.#times = [];
  }

  /** Talks for so long; fulfils with every time from saying to hearing, in ms. */
  async talk(seconds: number): Promise<readonly number[]> {
    await this.#settled();
    this.#times = [];
    const begunMs = performance.now();
    const count = Math.round(seconds * PER_SECOND);
    for (let i = 0; i < count; i++) {
      // At any moment of its part of a second, so that it walks in step with nothing of the server's.
      const dueMs = begunMs + ((i + Math.random()) * 1_000) / PER_SECOND;
      await wait(Math.max(1, dueMs - performance.now()));
      this.#say();
    }
    await this.#settled();
    return this.#times;
  }

  /** Everything that was not as it should be, so far. */
  get faults(): readonly string[] {
    return [
      ...new Set(this.#faults),
      ...(this.#acked === this.#said ? [] : [`${this.#said - this.#acked} publishes were not acknowledged`]),
      ...(this.#heard === this.#said ? [] : [`${this.#said - this.#heard} messages did not arrive`]),
    ];
  }

  [Symbol.dispose](): void {
    this.#speaker.close();
    this.#hearer.close();
  }

  async #settled(): Promise<void> {
    await until(() => this.#heard >= this.#said && this.#acked >= this.#said, SETTLE_MS);
  }

  #say(): void {
    const count = (this.#said += 1);
    this.#speaker
      .room(this.#room)
      .publish({ count, atMs: performance.now() })
      .then(() => (this.#acked += 1))
      .catch((error: unknown) => this.#faults.push(`a publish was refused: ${String(error)}`));
  }

  #hear(messages: readonly Message[]): void {
    const nowMs = performance.now();
    for (const { body } of messages) {
      const { count, atMs } = body as { readonly count: number; readonly atMs: number };
      if (count !== this.#heard + 1) this.#faults.push(`message ${count} came behind message ${this.#heard}`);
      this.#heard += 1;
      this.#times.push(nowMs - atMs);
    }
  }
}
