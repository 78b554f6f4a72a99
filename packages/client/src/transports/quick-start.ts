import type { TimerHandle } from "@parlor/base";
import { decodeServerFrame, type ReceivedFrame } from "@parlor/protocol";
import { ChosenTransport } from "./chosen-transport.ts";
import type { Link, LinkConnection, LinkListener } from "./link.ts";
import type { Means, RacingLink } from "./means.ts";
import type { TransportClose, TransportKind } from "./transport.ts";

const NDJSON = "application/x-ndjson";
/** How long a welcome may take at least behind its opening, before the poll begins. */
const MIN_GRACE_MS = 4;
/** Where its opening was taken in the request for it, a welcome is sent right behind the answer to that. */
const EARLY_SHARE = 0.25;
/** How long a race that begins waits for the poll at most. */
const MAX_AHEAD_MS = 50;

/**
 * A link whose first connection does not keep people waiting for the choice of a transport: as soon as its
 * WebSocket fails, or was opened and is not welcomed, one poll that does not wait asks for the rooms. That
 * is a single request, on the connection that brought the page, and it gets through every proxy that let
 * the page through; what races is loaded behind it.
 *
 * What the poll brings stands until the link's own connection is welcomed, which takes over from it as from
 * any lesser transport. Later connections are the link's alone: a server that was restarted must not be
 * asked twice by everybody.
 */
export class QuickStart implements Link {
  readonly #means: Means;
  readonly #link: Link;
  #first: QuickStartConnection | null = null;

  /** @param load As of `ChosenTransport`. */
  constructor(means: Means, load: () => Promise<RacingLink>) {
    this.#means = means;
    this.#link = new ChosenTransport(means, async () => {
      await this.#hurry();
      return load();
    });
  }

  get kind(): TransportKind {
    return this.#first?.isAnswered === true ? "poll" : this.#link.kind;
  }

  open(listener: LinkListener): LinkConnection {
    if (this.#first !== null) return this.#link.open(listener);
    return (this.#first = new QuickStartConnection(this.#means, this.#link, listener));
  }

  /**
   * The WebSocket is late, has failed, or is not what won the last time. Fulfils when the poll is over, or
   * soon: what is loaded and asked beside it would only make it slower.
   */
  async #hurry(): Promise<void> {
    // A first connection that begins with the race is still being opened.
    await Promise.resolve();
    const first = this.#first;
    if (first === null || first.isOver) return;
    await new Promise<void>((resolve) => {
      const { clock } = this.#means;
      const timer = clock.after(MAX_AHEAD_MS, resolve);
      void first.begin().then(() => {
        clock.cancel(timer);
        resolve();
      });
    });
  }
}

class QuickStartConnection implements LinkConnection, LinkListener {
  readonly #means: Means;
  readonly #listener: LinkListener;
  readonly #startedAtMs: number;
  readonly #controller = new AbortController();
  readonly #connection: LinkConnection;
  /** The listener lives by the poll's answer; the link's connection is not welcomed. */
  isAnswered = false;
  /** Of the link's connection, between its handing over and its welcome, which come in one step. */
  #opening: readonly string[] | null = null;
  #grace: TimerHandle | null = null;
  #poll: Promise<void> | null = null;

  constructor(means: Means, link: Link, listener: LinkListener) {
    this.#means = means;
    this.#listener = listener;
    this.#startedAtMs = means.clock.monotonic();
    this.#connection = link.open(this);
  }

  /** The link's connection is welcomed or over, or nobody wants it any more. */
  get isOver(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Polls, once; fulfils when that is over. */
  begin(): Promise<void> {
    return (this.#poll ??= this.#ahead());
  }

  /** What is sent by now has nobody to take it; all of it is said anew at the take-over, as after a loss. */
  send(text: string): void {
    if (!this.isAnswered) this.#connection.send(text);
  }

  get isBrief(): boolean {
    return this.isAnswered;
  }

  close(cause?: "silence"): void {
    this.#end();
    this.#connection.close(cause);
  }

  opening(): readonly string[] {
    return this.#listener.opening();
  }

  onAsked(isEarly: boolean): void {
    if (this.isOver) return;
    // A welcome takes one round trip, and what came before it took two or three.
    const tookMs = this.#means.clock.monotonic() - this.#startedAtMs;
    const graceMs = Math.max(isEarly ? tookMs * EARLY_SHARE : tookMs, MIN_GRACE_MS);
    this.#grace ??= this.#means.clock.after(graceMs, () => void this.begin());
  }

  onOpen(opening: readonly string[] = []): void {
    if (this.isAnswered) this.#opening = opening;
    this.#end();
    if (this.#opening === null) this.#listener.onOpen(opening);
  }

  onText(frame: ReceivedFrame): void {
    const opening = this.#opening;
    this.#opening = null;
    if (opening === null) this.#listener.onText(frame);
    else this.#listener.onTakeOver(opening, frame);
  }

  onLife(): void {
    this.#listener.onLife();
  }

  onClose(close: TransportClose): void {
    this.#end();
    this.#listener.onClose(close);
  }

  onTakeOver(opening: readonly string[], frame: ReceivedFrame): void {
    this.#listener.onTakeOver(opening, frame);
  }

  isBusy(): boolean | undefined {
    return this.#listener.isBusy?.();
  }

  prepare(): Promise<void> {
    return this.#listener.prepare();
  }

  async #ahead(): Promise<void> {
    // Behind this turn, so that it asks for all the rooms that the page wants in it.
    await Promise.resolve();
    if (this.isOver) return;
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
    if (this.isOver || !first.ok || first.frame.type !== "welcome") return;
    this.isAnswered = true;
    // Whatever is welcomed after all says otherwise.
    this.#means.history.stalled();
    this.#listener.onOpen(opening);
    for (const text of texts) if (!this.isOver) this.#listener.onText(text);
  }

  #end(): void {
    this.isAnswered = false;
    if (this.#grace !== null) this.#means.clock.cancel(this.#grace);
    this.#controller.abort();
  }
}
