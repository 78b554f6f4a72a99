import { addressGroup } from "./address-group.ts";
import type { Refusal } from "./hooks.ts";
import type { RequestHandler, RequestHandlers } from "./request-handlers.ts";

/** Handlers that work at once, for everybody, and for one address. */
const MAX_RUNNING = 4_096;
const MAX_RUNNING_OF_ADDRESS = 512;

/**
 * The handlers that the host registered, and how many of them work. One that goes on after its deadline
 * still counts: what it holds is not free before it ends.
 *
 * Rules: docs/protocol.md, REQUEST-.
 */
export class RequestDesk {
  /** How long an answer may take, ms. */
  readonly timeoutMs: number;
  readonly max = MAX_RUNNING;
  // A Map, so that a method such as "constructor" finds nothing.
  readonly #handlers: ReadonlyMap<string, RequestHandler>;
  readonly #byAddress = new Map<string, number>();
  #running = 0;
  #idle: (() => void)[] = [];

  constructor(handlers: RequestHandlers, timeoutMs: number) {
    this.#handlers = new Map(Object.entries(handlers));
    this.timeoutMs = timeoutMs;
  }

  /** Handlers that work now. */
  get running(): number {
    return this.#running;
  }

  handler(method: string): RequestHandler | undefined {
    return this.#handlers.get(method);
  }

  /** Takes a place for one that is about to work, or says why there is none. */
  take(address: string): Refusal | null {
    const group = addressGroup(address);
    const ofAddress = this.#byAddress.get(group) ?? 0;
    if (ofAddress >= MAX_RUNNING_OF_ADDRESS) {
      const message = `At most ${MAX_RUNNING_OF_ADDRESS} requests of one address are answered at a time.`;
      return { code: "rate-limited", message, retryAfterMs: 1_000 };
    }
    if (this.#running >= MAX_RUNNING) {
      const message = "The server works on as many requests as it may.";
      return { code: "unavailable", message, retryAfterMs: 1_000 };
    }
    this.#running += 1;
    this.#byAddress.set(group, ofAddress + 1);
    return null;
  }

  release(address: string): void {
    const group = addressGroup(address);
    const left = (this.#byAddress.get(group) ?? 1) - 1;
    if (left === 0) this.#byAddress.delete(group);
    else this.#byAddress.set(group, left);
    this.#running -= 1;
    if (this.#running > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Fulfils when no handler works. */
  idle(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }
}
