import type { Clock } from "@parlor/base";
import type { Claims } from "./claims.ts";
import type { KeptProducer, OutboxStore } from "./outbox-store.ts";
import type { Legacy } from "./takeover.ts";

const CHANNEL = "parlor.outbox";

/** Producers that one page waits for at a time. Pages beyond it are found by whoever comes next. */
const MAX_AWAITED = 256;

/** What nobody came back for in so long is forgotten by whoever else comes: its owner's key may be gone. */
const FORGET_AFTER_MS = 90 * 86_400_000;

/** Tells when the page is frozen or put into the back/forward cache, and when it lives again. */
export interface PageLife {
  /** @returns how to stop */
  listen(onAway: () => void, onBack: () => void): () => void;
}

interface Means {
  readonly life: PageLife;
  readonly store: OutboxStore;
  readonly claims: Claims;
  readonly clock: Clock;
  readonly scope: string;
  readonly own: string;
  readonly onFreed: (legacy: Legacy, release: () => void) => void;
}

/** Finds producers of the same owner whose page is gone: those on disk by now, and those that other pages tell of. */
export class FreedProducers {
  readonly #means: Means;
  readonly #awaited = new Map<string, () => void>();
  #channel: BroadcastChannel | null = null;
  #isAway = false;
  #stopListening = (): void => undefined;

  constructor(means: Means) {
    this.#means = means;
  }

  begin(): void {
    if (typeof BroadcastChannel !== "undefined") {
      this.#channel = new BroadcastChannel(CHANNEL);
      this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => this.#heard(data);
    }
    // Behind it: who begins to write meanwhile is heard.
    this.#look();
    this.#stopListening = this.#means.life.listen(
      () => this.#goAway(),
      () => {
        this.#isAway = false;
        this.#look();
      },
    );
  }

  /** Others are to wait for that producer. */
  tell(producer: string): void {
    this.#channel?.postMessage({ producer, scope: this.#means.scope });
  }

  close(): void {
    this.#channel?.close();
    this.#stopListening();
    this.#stopWaiting();
  }

  #look(): void {
    this.#means.store.producers().then(
      (rows) =>
        rows.forEach((row) => {
          this.#heard(row);
          this.#forgetOld(row);
        }),
      // What can't be read can't be taken over; that nothing is kept shows at the first publish.
      () => undefined,
    );
  }

  /** A page that does nothing waits for nobody: what it would be given no living page could send. */
  #goAway(): void {
    this.#isAway = true;
    this.#stopWaiting();
  }

  #stopWaiting(): void {
    for (const stop of this.#awaited.values()) stop();
    this.#awaited.clear();
  }

  /** From the disk, or from another page of this origin, which may be of another release. */
  #heard(row: unknown): void {
    const { producer, scope } = (row ?? {}) as { readonly producer?: unknown; readonly scope?: unknown };
    const { own, claims } = this.#means;
    // It is found on disk when the page is back.
    if (this.#isAway) return;
    if (typeof producer !== "string" || scope !== this.#means.scope || producer === own) return;
    if (this.#awaited.has(producer) || this.#awaited.size >= MAX_AWAITED) return;
    const stop = claims.await(producer, (release) => void this.#claimed(producer, release));
    this.#awaited.set(producer, stop);
  }

  #forgetOld({ producer, scope, since }: KeptProducer): void {
    const { claims, clock, store } = this.#means;
    if (this.#isAway || this.#awaited.has(producer)) return;
    if (scope === this.#means.scope || clock.now() - since <= FORGET_AFTER_MS) return;
    if (this.#awaited.size >= MAX_AWAITED) return;
    // Its page may be there all the same.
    const stop = claims.await(producer, (release) => {
      this.#awaited.delete(producer);
      // What could not be forgotten the next page finds.
      store.forget(producer).then(release, release);
    });
    this.#awaited.set(producer, stop);
  }

  async #claimed(producer: string, release: () => void): Promise<void> {
    const { store, onFreed } = this.#means;
    this.#awaited.delete(producer);
    try {
      const records = await store.list(producer);
      if (records.length > 0) return onFreed({ producer, records }, release);
      await store.forget(producer);
    } catch {
      // Intentionally not told: the records stay where they are, and the next page tries again.
    }
    release();
  }
}
