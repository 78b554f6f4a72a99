import type { NatsLink } from "./nats-link.ts";
import type { Subjects } from "./subjects.ts";

/**
 * Hears of all rooms' records while somebody watches, so that rooms that nobody here has open are opened when
 * something is written to them. Each stream's sequences have no holes, so what was not heard shows.
 */
export class Watching {
  readonly #link: NatsLink;
  readonly #subjects: Subjects;
  readonly #onRecord: (room: string, seq: number) => void;
  readonly #onMissed: () => void;
  readonly #heard = new Map<string, number>();
  #subscription: { unsubscribe(): void } | null = null;
  #watchers = 0;

  constructor(
    link: NatsLink,
    subjects: Subjects,
    onRecord: (room: string, seq: number) => void,
    onMissed: () => void,
  ) {
    this.#link = link;
    this.#subjects = subjects;
    this.#onRecord = onRecord;
    this.#onMissed = onMissed;
  }

  /** Fulfils when records that are stored from then on are heard; each needs one `leave`. */
  async enter(): Promise<void> {
    this.#watchers += 1;
    this.#subscription ??= this.#link.subscribe(this.#subjects.allRepublished, (message) => {
      const { headers, subject } = message;
      const stream = headers?.get("Nats-Stream") ?? "";
      const seq = Number(headers?.get("Nats-Sequence"));
      const last = this.#heard.get(stream);
      this.#heard.set(stream, seq);
      if (last !== undefined && seq > last + 1) this.#onMissed();
      this.#onRecord(this.#subjects.roomOf(subject), seq);
    });
    await this.#link.flush();
  }

  leave(): void {
    this.#watchers -= 1;
    if (this.#watchers === 0) this.close();
  }

  /** The link broke in between. */
  missed(): void {
    if (this.#watchers === 0) return;
    this.#heard.clear();
    this.#onMissed();
  }

  close(): void {
    this.#subscription?.unsubscribe();
    this.#subscription = null;
    this.#heard.clear();
  }
}
