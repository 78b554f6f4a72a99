import { createHash } from "node:crypto";
import type { Clock, TimerHandle } from "@parlor/base";
import type { NatsLink } from "./nats-link.ts";

const SAY_EVERY_MS = 500;
/** A node that was not heard for so long is no writer any more. */
const GONE_MS = 1_600;
/** A writer that did not answer is not asked for so long. */
const SILENT_MS = 2_000;

/** Which nodes there are, as far as this one has heard, and which of them writes to a room where they can choose. */
export class Members {
  readonly #link: NatsLink;
  readonly #subject: string;
  readonly #nodeId: string;
  readonly #clock: Clock;
  /** Until when each counts, on the monotonic clock. */
  readonly #present = new Map<string, number>();
  readonly #silent = new Map<string, number>();
  readonly #subscription: { unsubscribe(): void };
  #timer: TimerHandle | null = null;

  constructor(link: NatsLink, subject: string, nodeId: string, clock: Clock) {
    this.#link = link;
    this.#subject = subject;
    this.#nodeId = nodeId;
    this.#clock = clock;
    this.#subscription = link.subscribe(subject, (message) => this.#hear(message.string()));
    this.#say();
  }

  /**
   * The node that should write to the room; null where that is this one. It is a preference and no right: whoever
   * writes all the same makes some records void, and nothing worse.
   */
  writerOf(room: string): string | null {
    const now = this.#clock.monotonic();
    let best = this.#nodeId;
    let bestRank = rank(room, best);
    for (const [node, until] of this.#present) {
      if (until < now) this.#present.delete(node);
      if (until < now || (this.#silent.get(node) ?? 0) > now) continue;
      const own = rank(room, node);
      if (own > bestRank) [best, bestRank] = [node, own];
    }
    return best === this.#nodeId ? null : best;
  }

  /** It was asked and did not answer. */
  isSilent(node: string): void {
    this.#silent.set(node, this.#clock.monotonic() + SILENT_MS);
  }

  close(): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#subscription.unsubscribe();
    if (!this.#link.connection.isClosed()) this.#link.connection.publish(this.#subject, `-${this.#nodeId}`);
  }

  #hear(text: string): void {
    const node = text.slice(1);
    if (node === this.#nodeId) return;
    if (text.startsWith("+")) {
      const isNew = !this.#present.has(node);
      this.#present.set(node, this.#clock.monotonic() + GONE_MS);
      if (isNew) this.#link.connection.publish(this.#subject, `+${this.#nodeId}`);
    } else {
      this.#present.delete(node);
      this.#silent.delete(node);
    }
  }

  #say(): void {
    if (!this.#link.connection.isClosed()) this.#link.connection.publish(this.#subject, `+${this.#nodeId}`);
    this.#timer = this.#clock.after(SAY_EVERY_MS, () => this.#say());
  }
}

/** The highest of all nodes' writes: so each node writes to its share, and few rooms move when one comes or goes. */
function rank(room: string, node: string): number {
  return createHash("sha256").update(node).update("\n").update(room).digest().readUIntBE(0, 6);
}
