import type { ErrorFrame, ServerFrame } from "@parlor/protocol";
import type { ClientShell } from "./client-shell.ts";
import type { CoreExtra } from "./core-parts.ts";

/** A token is renewed a fifth of its time before its end, but at least and at most so long before, ms. */
const LEAD_SHARE = 0.2;
const MIN_LEAD_MS = 10_000;
const MAX_LEAD_MS = 60_000;

/** Timers keep 31 bits; a token that lasts longer is renewed by then. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const TIMER = "renew";

/** Renews the token of that client from now on; twice is the same as once. */
export function renewTokens(shell: ClientShell): void {
  const { extras } = shell.core;
  if (extras.some((extra) => extra instanceof Renewal)) return;
  shell.step(() => extras.push(new Renewal(shell)));
}

/**
 * Asks for a fresh token before the one that the server knows ends, and sends it on the connection that there is.
 *
 *     welcome, expiresInMs ─ timer ─▶ token() ─▶ renew ─▶ welcome, with a new end
 *                              ▲         └─ fails ─┐  └─ refused for now ─┐
 *                              └────── a wait that grows, drawn as for reconnects
 *
 * Where none comes in time the server ends the connection, in words (`expired`).
 *
 * It is loaded for a client that has tokens, and imports nothing that the client has already (see requests.ts).
 */
class Renewal implements CoreExtra {
  readonly #shell: ClientShell;
  /** The welcome whose end is watched. */
  #welcome: unknown = null;
  /** Tries since then. */
  #tries = 0;
  /** How long the token that is watched had when its time was set, ms; null where the next welcome sets it. */
  #leftMs: number | null = null;

  constructor(shell: ClientShell) {
    this.#shell = shell;
  }

  take(frame: ServerFrame): boolean {
    if (frame.type !== "error" || frame.to !== "renew") return false;
    this.#refused(frame);
    return true;
  }

  pump(): void {
    const { welcome, connection } = this.#shell.core;
    if (welcome === null || welcome === this.#welcome || connection.phase !== "welcomed") return;
    this.#welcome = welcome;
    const { expiresInMs } = welcome;
    if (typeof expiresInMs !== "number") return this.unlink();
    // Each poll says once more how long the same token has: in a busy room that would put its renewal off for ever.
    if (this.#leftMs !== null && expiresInMs <= this.#leftMs) return;
    this.#leftMs = expiresInMs;
    this.#tries = 0;
    const leadMs = Math.min(Math.max(expiresInMs * LEAD_SHARE, MIN_LEAD_MS), MAX_LEAD_MS, expiresInMs / 2);
    this.#after(expiresInMs - leadMs);
  }

  timer(name: string): boolean {
    if (name !== TIMER) return false;
    const { core } = this.#shell;
    const { number } = core.connection;
    const isSame = (): boolean => core.connection.number === number && core.connection.phase === "welcomed";
    void this.#shell.freshToken().then(
      (token) =>
        this.#shell.step(() => {
          if (!isSame() || token === undefined) return;
          this.#leftMs = null;
          core.turn.send({ type: "renew", token });
        }),
      // It is asked for again; when there is none in time, the server's words at the end say what that means.
      () => this.#shell.step(() => isSame() && this.#again()),
    );
    return true;
  }

  /** The connection is gone: the next hello brings a token of its own. */
  unlink(): void {
    this.#leftMs = null;
    this.#shell.core.turn.cancel(TIMER);
  }

  #refused(error: ErrorFrame): void {
    // Another token may be taken; one that says who this is not will never be.
    if (["rate-limited", "unavailable", "internal"].includes(error.code)) this.#again(error);
    else this.#shell.core.connection.refuse(error);
  }

  #again(answer: ErrorFrame | null = null): void {
    this.#tries += 1;
    this.#after(this.#shell.core.turn.delayMs(this.#tries, answer));
  }

  #after(afterMs: number): void {
    this.#shell.core.turn.timer(TIMER, Math.min(Math.max(afterMs, 1), MAX_TIMER_MS));
  }
}
