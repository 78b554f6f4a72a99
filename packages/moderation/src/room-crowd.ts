import type { Parlor } from "@parlor/server";

/** Of how many of the newest messages somebody's are counted. */
const WINDOW = 1_000;
const PAGE = 500;

/** Who is remembered for when they spoke last. */
const MAX_SPEAKERS = 10_000;

interface Spoken {
  readonly from: string;
  readonly at: number;
}

/**
 * Who spoke lately in one room: followed from the log, so that every process knows the same, whichever took a message.
 * Only rooms that are slowed down or screened have one.
 */
export class RoomCrowd {
  /** Rejects where the room can't be read now. */
  readonly ready: Promise<void>;
  readonly #counts = new Map<string, number>();
  readonly #window: string[] = [];
  readonly #lastAt = new Map<string, number>();
  #isReady = false;
  #close: () => void = () => {};
  #isClosed = false;

  constructor(parlor: Parlor, room: string) {
    this.ready = this.#follow(parlor, room);
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** When an identity's newest message was stored, or let through here; 0 for never. */
  lastAt(identity: string): number {
    return this.#lastAt.get(identity) ?? 0;
  }

  /** Somebody is about to speak: a second message at once does not find the first one unnoticed. */
  note(identity: string, at: number): void {
    this.#lastAt.delete(identity);
    this.#lastAt.set(identity, at);
    if (this.#lastAt.size > MAX_SPEAKERS) this.#lastAt.delete(this.#lastAt.keys().next().value ?? "");
  }

  /** How many of the room's newest messages are theirs. */
  countOf(identity: string): number {
    return this.#counts.get(identity) ?? 0;
  }

  close(): void {
    this.#isClosed = true;
    this.#close();
  }

  async #follow(parlor: Parlor, name: string): Promise<void> {
    const room = parlor.room(name);
    const { head } = await room.readBefore({ limit: 1 });
    const messages: Spoken[] = [];
    for (let before = head + 1; messages.length < WINDOW; ) {
      const page = await room.readBefore({ before, limit: PAGE });
      messages.unshift(...page.messages);
      before = page.messages[0]?.offset ?? 0;
      if (!page.more) break;
    }
    for (const message of messages.slice(-WINDOW)) this.#take(message);
    const following = await room.subscribe((more) => more.forEach((message) => this.#take(message)), {
      after: head,
    });
    if (this.#isClosed) following.close();
    else this.#close = () => following.close();
    this.#isReady = true;
  }

  #take({ from, at }: Spoken): void {
    if (at > this.lastAt(from)) this.note(from, at);
    this.#window.push(from);
    this.#counts.set(from, this.countOf(from) + 1);
    if (this.#window.length <= WINDOW) return;
    const gone = this.#window.shift() ?? "";
    const left = this.countOf(gone) - 1;
    if (left > 0) this.#counts.set(gone, left);
    else this.#counts.delete(gone);
  }
}
