import type { ClientRoom } from "@parlor/client";
import { signal, type ReadonlySignal } from "@preact/signals";
import type { Message } from "@parlor/protocol";
import { isFilling, shownRun, type Timeline, type TimelineEvent } from "./timeline.ts";

/** Messages that are read around the one that is looked for. */
const PAGE_MESSAGES = 50;

interface Wanted {
  readonly offset: number;
  /** The message before it will do, where it is none of its own. */
  readonly orNearest: boolean;
}

/**
 * Brings one message of a room into what is shown, from however far up: where it is not there yet, a page of
 * history around it is, and from there one reads on in both directions.
 */
export class MessageFinder {
  /** The message that is to be brought into view now; the view takes it off when it did. */
  readonly target = signal<number | null>(null);
  /** Why there is nothing to be brought into view, in words. */
  readonly missed = signal<string | null>(null);

  readonly #room: Pick<ClientRoom, "history">;
  readonly #timeline: ReadonlySignal<Timeline>;
  readonly #fold: (event: TimelineEvent) => void;
  #wanted: Wanted | null = null;

  constructor(
    room: Pick<ClientRoom, "history">,
    timeline: ReadonlySignal<Timeline>,
    fold: (event: TimelineEvent) => void,
  ) {
    this.#room = room;
    this.#timeline = timeline;
    this.#fold = fold;
  }

  /** Looks for a message; before the room is here it waits for that. */
  show(offset: number, orNearest = false): void {
    this.missed.value = null;
    this.#wanted = { offset, orNearest };
    this.proceed();
  }

  /** Something of the room came: whoever waited for it goes on. */
  proceed(): void {
    const wanted = this.#wanted;
    const timeline = this.#timeline.peek();
    if (wanted === null || timeline.epoch === null) return;
    const run = shownRun(timeline);
    if (run !== null && run.from <= wanted.offset && wanted.offset <= run.to) return this.#take(wanted);
    if (isFilling(timeline) && timeline.live !== null && wanted.offset > timeline.live.to) return;
    this.#wanted = null;
    if (wanted.offset > timeline.head && wanted.offset > (timeline.live?.to ?? 0)) return this.#miss();
    void this.#read(wanted);
  }

  async #read(wanted: Wanted): Promise<void> {
    const liveFrom = this.#timeline.peek().live?.from ?? Infinity;
    const before = Math.max(wanted.offset + 1, Math.min(wanted.offset + PAGE_MESSAGES / 2, liveFrom));
    try {
      const page = await this.#room.history({ before, limit: PAGE_MESSAGES, related: true });
      // Somebody who looked for another one meanwhile is not taken here.
      if (this.#wanted !== null || page.epoch !== this.#timeline.peek().epoch) return;
      const found = pick(page.messages, wanted);
      if (found === null) return this.#miss();
      this.#fold({ kind: "went", before, page });
      this.target.value = found;
    } catch {
      this.missed.value = "That message can't be read just now.";
    }
  }

  #take(wanted: Wanted): void {
    this.#wanted = null;
    const found = pick(shownRun(this.#timeline.peek())?.messages ?? [], wanted);
    if (found === null) return this.#miss();
    this.#fold({ kind: "pinned", isPinned: false });
    this.target.value = found;
  }

  #miss(): void {
    this.missed.value = "That message is not in this room, or no longer.";
  }
}

function pick(messages: readonly Message[], { offset, orNearest }: Wanted): number | null {
  const found = messages.findLast(
    (message) =>
      message.re === undefined && (orNearest ? message.offset <= offset : message.offset === offset),
  );
  return found?.offset ?? null;
}
