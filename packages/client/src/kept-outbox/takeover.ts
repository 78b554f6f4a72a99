import type { ClientShell } from "../client-shell.ts";
import type { Published, Ticket } from "../effects.ts";
import type { OutboxItem } from "../outbox-item.ts";
import type { Outbox } from "../outbox.ts";
import type { Publishing } from "../publishing.ts";
import { itemOf, putEarlier, takeAway, type EarlierOutbox } from "./earlier-outbox.ts";
import type { KeptPublish } from "./outbox-store.ts";

/** What a producer that is gone left on disk. */
export interface Legacy {
  readonly producer: string;
  readonly records: readonly KeptPublish[];
}

/**
 * A server remembers a producer for 7 days. What was sent longer ago than this may be in the room without the server
 * knowing, so the room is read first; a day less, since the page's clock may be wrong.
 */
const OLD_AFTER_MS = 6 * 86_400_000;

export interface TakeoverHost {
  /** Only what is known to be of the identity that is here. @see KeptOutboxHost */
  readonly isStrict: boolean;
  /** That item stands for that record, which is on disk. */
  readonly onItem: (item: OutboxItem, record: KeptPublish) => void;
  /** All of it is answered for good; or, where it belongs to somebody else, it stays where it is. */
  readonly onDone: (legacy: Legacy, isOurs: boolean) => void;
  readonly nextId: () => number;
}

/**
 * Sends what producers that are gone left behind, one producer after the other.
 *
 * A connection speaks for the producer of its hello. So for that time the client says another's: what it holds for
 * itself is parked, the link is opened anew, and once all is answered it goes back to its own in the same way. New
 * publishes wait behind the earlier ones, and no seq is ever given out under a name that is not the client's own.
 */
export class Takeover {
  readonly #shell: ClientShell;
  readonly #publishing: Publishing;
  readonly #host: TakeoverHost;
  readonly #own: string;
  readonly #waiting: Legacy[] = [];
  #active: Legacy | null = null;
  #earlier: EarlierOutbox[] = [];
  #isEnding = false;

  constructor(shell: ClientShell, publishing: Publishing, host: TakeoverHost) {
    this.#shell = shell;
    this.#publishing = publishing;
    this.#host = host;
    this.#own = shell.core.producer;
  }

  /** The outboxes that others have taken the place of. */
  get parked(): readonly Outbox[] {
    return this.#earlier.map(({ own }) => own.outbox);
  }

  add(legacy: Legacy): void {
    this.#waiting.push(legacy);
    this.#step(() => undefined);
  }

  /** At the end of each step. */
  pump(): void {
    const { core } = this.#shell;
    const active = this.#active;
    if (this.#isEnding || core.connection.isReleased) return;
    if (active === null) {
      const mayBegin = !this.#host.isStrict || core.identity !== null;
      if (mayBegin && this.#waiting.length > 0) this.#later(() => this.#begin());
      return;
    }
    const items = this.#earlier.flatMap(({ outbox }) => outbox.items);
    if (!this.#areFor(items)) {
      // Who is here now is somebody else; theirs it stays, on this browser's disk.
      for (const item of items) item.isHeld = true;
      this.#later(() => this.#end(false));
    } else if (items.length === 0) this.#later(() => this.#end(true));
  }

  /** What may have been sent as one identity is not sent again as another. */
  #areFor(publishes: readonly { readonly sentAs: string }[]): boolean {
    const { identity } = this.#shell.core;
    if (identity === null) return true;
    const isOpen = !this.#host.isStrict;
    return publishes.every(({ sentAs }) => sentAs === identity || (isOpen && sentAs === ""));
  }

  #begin(): void {
    const legacy = this.#waiting.shift();
    if (legacy === undefined) return;
    const { core, options } = this.#shell;
    if (!this.#areFor(legacy.records)) return this.#host.onDone(legacy, false);
    this.#active = legacy;
    for (const name of new Set(legacy.records.map(({ room }) => room))) {
      const records = legacy.records.filter(({ room }) => room === name);
      const items = records.map((record) => {
        const isOld = record.sentAs !== "" && options.clock.now() - record.writtenAt > OLD_AFTER_MS;
        const id = this.#host.nextId();
        const item = itemOf(record, id, this.#ticket(record, id), isOld);
        this.#host.onItem(item, record);
        return item;
      });
      this.#earlier.push(putEarlier(this.#publishing, name, legacy.producer, items));
    }
    this.#speakAs(legacy.producer);
    core.connection.want();
  }

  #end(isOurs: boolean): void {
    const legacy = this.#active;
    if (legacy === null) return;
    this.#active = null;
    for (const earlier of this.#earlier.splice(0)) takeAway(this.#publishing, earlier);
    this.#host.onDone(legacy, isOurs);
    // From one producer that is gone straight to the next.
    if (this.#waiting.length > 0) this.#begin();
    if (this.#active === null) this.#speakAs(this.#own);
  }

  #speakAs(producer: string): void {
    const { core } = this.#shell;
    core.producer = producer;
    // One that is down says it when it comes back.
    if (core.connection.phase === "down") return;
    for (const { sender } of this.#publishing.rooms.values()) sender?.unlink();
    core.connection.breakOff("What was written earlier goes out.");
    core.connection.wake(true);
  }

  #later(act: () => void): void {
    this.#isEnding = true;
    queueMicrotask(() => {
      this.#isEnding = false;
      this.#step(act);
    });
  }

  #step(act: () => void): void {
    this.#shell.step(act);
  }

  /** Nobody holds a promise of it any more; the room tells. */
  #ticket({ room, producer }: KeptPublish, id: number): Ticket {
    return {
      resolve: (value) => {
        const published = { ...(value as Published), id, producer };
        queueMicrotask(() => {
          this.#step(() => this.#shell.core.turn.tell(room, { name: "published", value: published }));
        });
      },
      // The room's `refused` tells it.
      reject: () => undefined,
    };
  }
}
