import type { TimerHandle } from "@parlor/base";
import type { ErrorFrame } from "@parlor/protocol";
import { ClientCore } from "./client-core.ts";
import type { ConnectionState } from "./connection-state.ts";
import type { ClientEffect, RoomNotice, Ticket } from "./effects.ts";
import type { ResolvedOptions } from "./core-options.ts";
import type { LinkConnection } from "./transports/link.ts";
import type { StepInputs } from "./turn.ts";
import { wordsOf } from "./words-of.ts";

/** What the shell tells the public objects, in the order in which it happened. */
export type ClientNotice =
  | { readonly kind: "state"; readonly state: ConnectionState }
  | { readonly kind: "error"; readonly error: ErrorFrame }
  | { readonly kind: "room"; readonly room: string; readonly notice: RoomNotice };

/**
 * The thin shell around the core: turns its effects into a connection, timers, promises and notices.
 *
 * Notices are told after the step that caused them is done, one after the other, so that a listener
 * which publishes or subscribes finds the client in a whole state and disturbs no other listener.
 *
 * Must not: decide anything. What to do is the core's; this does it.
 */
export class ClientShell {
  readonly core: ClientCore;
  readonly options: ResolvedOptions;
  readonly #onNotice: (notice: ClientNotice) => void;
  readonly #timers = new Map<string, TimerHandle>();
  #stopListening: (() => void) | null = null;
  readonly #notices: ClientNotice[] = [];
  #isTelling = false;
  readonly #inputs: StepInputs & { nowMs: number; wallMs: number };
  connection: LinkConnection | null = null;
  /** Asks the application for a token, which whatever the connection opens from now on says, too. */
  freshToken = (): Promise<string | undefined> => Promise.resolve(undefined);

  constructor(options: ResolvedOptions, onNotice: (notice: ClientNotice) => void) {
    this.options = options;
    this.#onNotice = onNotice;
    const { random, wake } = options;
    this.#inputs = { nowMs: 0, wallMs: 0, random, wake };
    this.core = new ClientCore(options);
  }

  step(act: () => void): void {
    const { clock } = this.options;
    this.#inputs.nowMs = clock.monotonic();
    this.#inputs.wallMs = clock.now();
    for (const effect of this.core.step(act, this.#inputs)) this.#perform(effect);
    if (this.core.connection.isReleased) this.#stopListening?.();
    this.#tell();
  }

  /** What one of the core's extras is asked for: what its ticket is settled with. */
  ask<Value>(act: (ticket: Ticket) => void): Promise<Value> {
    return new Promise<unknown>((resolve, reject) => {
      this.step(() => act({ resolve, reject }));
    }) as Promise<Value>;
  }

  #perform(effect: ClientEffect): void {
    const { keepAlive, errorOf } = this.options;
    switch (effect.kind) {
      case "open":
        return this.#open(effect.connection);
      case "close":
        this.connection?.close(effect.cause);
        this.connection = null;
        return;
      case "send":
        this.connection?.send(effect.text);
        return;
      case "timer":
        return this.#startTimer(effect.name, effect.afterMs);
      case "cancel":
        return this.#cancelTimer(effect.name);
      case "settle":
        if (effect.outcome.failure === undefined) effect.ticket.resolve(effect.outcome.value);
        else effect.ticket.reject(errorOf(effect.outcome.failure));
        return;
      case "state":
        // A socket holds a process by itself, but one that polls has pauses, in which nothing else does.
        if (effect.state.kind === "closed") keepAlive?.release();
        else keepAlive?.hold();
        this.#notices.push(effect);
        return;
      case "error":
      case "room":
        this.#notices.push(effect);
        return;
    }
  }

  #open(connection: number): void {
    const { token, wake } = this.options;
    if (token === undefined) this.#openWith(connection, undefined);
    else this.#openWithToken(connection, token);
    // Behind it: the connection is being made by now, and nobody waits for what this takes.
    const { connection: life } = this.core;
    this.#stopListening ??= wake.listen(
      () => this.step(() => life.wake()),
      () => this.step(() => life.away()),
    );
  }

  /** A step of a connection; none where it is not the newest any more. */
  #stepOf(connection: number, act: () => void): void {
    if (this.core.connection.number === connection) this.step(act);
  }

  #openWithToken(connection: number, token: () => string | Promise<string>): void {
    void Promise.resolve()
      .then(token)
      .then(
        (text) => this.#openWith(connection, text),
        (error: unknown) => {
          const words = `There is no token to connect with: ${wordsOf(error)}`;
          this.#stepOf(connection, () => this.core.fault(words));
        },
      );
  }

  #openWith(connection: number, token: string | undefined): void {
    const { core } = this;
    // While the token was fetched the client may have been closed, or have given this try up.
    const { number, phase } = core.connection;
    if (number !== connection || phase !== "opening") return;
    const { link, key } = this.options;
    let newest = token;
    let asked: readonly string[] = [];
    const step = (act: () => void): void => this.#stepOf(connection, act);
    this.connection = link.open({
      opening: () => (asked = core.opening(key(), newest)),
      onOpen: (opening = asked) => step(() => core.opened(opening)),
      onText: (text) => step(() => core.text(text, link.kind)),
      isBusy: () => core.extras.some((extra) => extra.isBusy),
      prepare: (this.freshToken = async () => (newest = await this.options.token?.())),
      onLife: () => step(() => core.connection.heard()),
      onClose: (close) => {
        this.connection = null;
        step(() => core.connection.closed(close));
      },
    });
    // The hello needs it, and storage that is asked now answers while the connection is being made.
    key();
  }

  #startTimer(name: string, afterMs: number): void {
    this.#cancelTimer(name);
    const handle = this.options.clock.after(afterMs, () => {
      this.#timers.delete(name);
      this.step(() => this.core.timer(name));
    });
    this.#timers.set(name, handle);
  }

  #cancelTimer(name: string): void {
    const handle = this.#timers.get(name);
    if (handle === undefined) return;
    this.#timers.delete(name);
    this.options.clock.cancel(handle);
  }

  #tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let notice = this.#notices.shift(); notice !== undefined; notice = this.#notices.shift()) {
      this.#onNotice(notice);
    }
    this.#isTelling = false;
  }
}

/** A failure of the core as what a promise rejects with. */
