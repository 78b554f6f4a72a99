import type { Election, ElectionEvents } from "./election.ts";
import type { Locks } from "./platform.ts";

/**
 * The hub is whose lock is granted. The browser keeps the queue, and passes the lock on when a page closes or its
 * process dies; only from one that is frozen it has to be taken.
 */
export class LockElection implements Election {
  readonly #locks: Locks;
  readonly #name: string;
  readonly #events: ElectionEvents;
  /** Ends the wait for the lock, or what holds it. */
  #end: (() => void) | null = null;

  constructor(locks: Locks, name: string, events: ElectionEvents) {
    this.#locks = locks;
    this.#name = name;
    this.#events = events;
  }

  enter(): void {
    if (this.#end !== null) return;
    const waiting = new AbortController();
    this.#request({ signal: waiting.signal }, () => waiting.abort());
  }

  depose(): void {
    this.leave();
    this.#request({ steal: true }, () => undefined);
  }

  leave(): void {
    this.#end?.();
    this.#end = null;
  }

  #request(options: { signal?: AbortSignal; steal?: boolean }, giveUp: () => void): void {
    const held = Promise.withResolvers<void>();
    const end = (): void => {
      giveUp();
      held.resolve();
    };
    this.#end = end;
    const granted = async (): Promise<void> => {
      if (this.#end !== end) return;
      this.#events.onLead();
      await held.promise;
    };
    this.#locks.request(this.#name, options, granted).catch(() => {
      // It was given up, which is no news, or another has taken it.
      if (this.#end !== end) return;
      this.#end = null;
      this.#events.onDeposed();
    });
  }
}
