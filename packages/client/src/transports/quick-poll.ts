import type { TimerHandle } from "@parlor/base";
import { decodeServerFrame } from "@parlor/protocol";
import type { LinkListener } from "./link.ts";
import type { Means } from "./means.ts";

const NDJSON = "application/x-ndjson";
/** How long a welcome may take at least behind its opening, before the poll begins. */
const MIN_GRACE_MS = 4;
/**
 * Where its opening was taken in the request for it, a welcome is sent right behind the answer to that. A busy page
 * hears it some ms later all the same.
 */
const EARLY_SHARE = 0.25;
const MIN_EARLY_GRACE_MS = 4;
/** How long a race that begins waits for the poll at most. */
const MAX_AHEAD_MS = 50;

/**
 * The poll with which a page's first connection does not keep people waiting for the choice of a transport: as
 * soon as the WebSocket fails, or was opened and is not welcomed, one poll that does not wait asks for the rooms.
 * That is a single request, on the connection that brought the page, and it gets through every proxy that let the
 * page through; what races is loaded behind it.
 *
 * What it brings stands until a lasting connection is welcomed, which takes over from it as from any lesser
 * transport. Later connections have none: a server that was restarted must not be asked twice by everybody.
 */
export class QuickPoll {
  /** The listener lives by its answer; nothing else is welcomed. */
  isAnswered = false;
  readonly #means: Means;
  readonly #listener: LinkListener;
  readonly #startedAtMs: number;
  readonly #controller = new AbortController();
  #grace: TimerHandle | null = null;
  #poll: Promise<void> | null = null;

  constructor(means: Means, listener: LinkListener) {
    this.#means = means;
    this.#listener = listener;
    this.#startedAtMs = means.clock.monotonic();
  }

  /** The WebSocket has handed its opening over; it is not answered. */
  asked(isEarly: boolean): void {
    if (this.#isOver) return;
    // A welcome takes one round trip, and what came before it took two or three.
    const tookMs = this.#means.clock.monotonic() - this.#startedAtMs;
    const graceMs = isEarly
      ? Math.max(tookMs * EARLY_SHARE, MIN_EARLY_GRACE_MS)
      : Math.max(tookMs, MIN_GRACE_MS);
    this.#grace ??= this.#means.clock.after(graceMs, () => void this.#begin());
  }

  /**
   * The WebSocket is late, has failed, or is not what won the last time. Fulfils when the poll is over, or soon:
   * what is loaded and asked beside it would only make it slower.
   */
  async ahead(): Promise<void> {
    const { clock } = this.#means;
    await new Promise<void>((resolve) => {
      const timer = clock.after(MAX_AHEAD_MS, resolve);
      void this.#begin().then(() => {
        clock.cancel(timer);
        resolve();
      });
    });
  }

  /** Something lasting was answered, or nobody wants it any more. Twice is the same as once. */
  end(): void {
    this.isAnswered = false;
    if (this.#grace !== null) this.#means.clock.cancel(this.#grace);
    this.#controller.abort();
  }

  get #isOver(): boolean {
    return this.#controller.signal.aborted;
  }

  #begin(): Promise<void> {
    return (this.#poll ??= this.#ask());
  }

  async #ask(): Promise<void> {
    // Behind this turn, so that it asks for all the rooms that the page wants in it.
    await Promise.resolve();
    if (this.#isOver) return;
    const opening = this.#listener.opening();
    try {
      const { base, fetch } = this.#means;
      const response = await fetch(`${base}connect/poll?wait=0`, {
        method: "POST",
        headers: { "content-type": NDJSON },
        body: `${opening.join("\n")}\n`,
        cache: "no-store",
        signal: this.#controller.signal,
      });
      // Nothing else is read to its end: a portal may answer everything, at any length.
      const isOurs = response.ok && response.headers.get("content-type")?.startsWith(NDJSON);
      if (isOurs === true) this.#take(opening, await response.text());
    } catch {
      // No answer: the link's connection goes its way as without the poll, and says what is wrong.
    }
  }

  #take(opening: readonly string[], answer: string): void {
    const texts = answer.split("\n").filter(Boolean);
    const first = decodeServerFrame(texts[0] ?? "");
    // A refusal is not told: the link's connection meets it as well, and knows what follows from it.
    if (this.#isOver || !first.ok || first.frame.type !== "welcome") return;
    this.isAnswered = true;
    // Whatever is welcomed after all says otherwise. How long that takes is as before: the poll says nothing of it.
    const { history } = this.#means;
    history.welcomed("stalled", history.headStartMs / 2);
    this.#listener.onOpen(opening);
    for (const text of texts) if (!this.#isOver) this.#listener.onText(text);
  }
}
