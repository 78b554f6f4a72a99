import type { ReplyFrame, ServerFrame } from "@parlor/protocol";
import type { CoreExtra } from "./core-parts.ts";
import type { ClientShell } from "./client-shell.ts";
import type { Failure, Ticket } from "./effects.ts";
import type { checkBody } from "./publish-body.ts";

export interface RequestOptions {
  /** How long to wait for the answer, from the call on, ms; then it rejects `deadline`. @default 15_000 */
  readonly timeoutMs?: number | undefined;
  /** Gives up waiting: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

interface Call {
  readonly text: string;
  /** null where nobody waits any more, and the server still works on it. */
  ticket: Ticket | null;
  isSent: boolean;
}

const DEFAULT_TIMEOUT_MS = 15_000;
const MAX_METHOD_CHARACTERS = 128;
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
/** Under way at a time: as many as a server answers of one connection (`MAX_REQUESTS_IN_FLIGHT`). */
const MAX_IN_FLIGHT = 32;
/** Requests of one client that are open. */
const MAX_OPEN = 256;
/** The ids above are those of changes of state, which are answered by a `reply`, too (state-sets.ts). */
const MAX_ID = 2 ** 30 - 1;

/** As `ParlorClient.request`. */
export function request(
  shell: ClientShell,
  method: string,
  params: unknown,
  options: RequestOptions | undefined,
  checkParams: typeof checkBody,
): Promise<unknown> {
  return Requests.of(shell).request(method, params, options ?? {}, checkParams);
}

/**
 * Requests to handlers of the server: each has an id, a bounded number is under way, and each settles once.
 * What a request does is not known to be repeatable, so one that was sent is never sent again.
 *
 * It is loaded at the first request, and imports nothing that the client has already: what both need would
 * be cut out into a file that every page loads.
 *
 * Rules: docs/protocol.md, REQUEST-.
 */
class Requests implements CoreExtra {
  readonly #shell: ClientShell;
  /** By id, in the order in which they were made. */
  readonly #calls = new Map<number, Call>();
  #nextId = 1;

  /** Those of that client; made at the first call. */
  static of(shell: ClientShell): Requests {
    const { extras } = shell.core;
    const before = extras.find((extra) => extra instanceof Requests);
    if (before !== undefined) return before;
    const requests = new Requests(shell);
    extras.push(requests);
    return requests;
  }

  private constructor(shell: ClientShell) {
    this.#shell = shell;
  }

  get isBusy(): boolean {
    return [...this.#calls.values()].some(({ isSent, ticket }) => isSent && ticket !== null);
  }

  async request(
    method: string,
    params: unknown,
    { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: RequestOptions,
    checkParams: typeof checkBody,
  ): Promise<unknown> {
    const { core, options } = this.#shell;
    const json = params === undefined ? "" : `,"params":${checkParams(params, core.limits).json}`;
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const ticket: Ticket = { resolve, reject };
    const fault = faultOf(method, timeoutMs);
    const text = `,"method":${JSON.stringify(method)}${json}`;
    this.#act(() => (fault === null ? this.#add(text, ticket) : this.#fail(ticket, fault)));
    const timer = options.clock.after(timeoutMs, () =>
      this.#act(() => this.#giveUp(ticket, (wasSent) => this.#fail(ticket, lateness(wasSent)))),
    );
    const abort = (): void => this.#act(() => this.#giveUp(ticket, () => reject(signal?.reason)));
    signal?.addEventListener("abort", abort);
    try {
      return await promise;
    } finally {
      options.clock.cancel(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  take(frame: ServerFrame): boolean {
    // A welcome begins a connection, and what was sent on another is not answered on it.
    if (frame.type === "welcome") this.#unlink();
    if (frame.type !== "reply" && (frame.type !== "error" || frame.to !== "request")) return false;
    const call = this.#calls.get(frame.id ?? 0);
    if (call?.isSent !== true) return false;
    this.#calls.delete(frame.id ?? 0);
    if (call.ticket === null) return true;
    const error = frame.type === "reply" ? frame.error : frame;
    if (error !== undefined) this.#fail(call.ticket, error);
    else this.#shell.core.turn.settle(call.ticket, { value: (frame as ReplyFrame).result });
    return true;
  }

  pump(): void {
    const { connection, turn } = this.#shell.core;
    if (!connection.isLinked) this.#unlink();
    if (connection.state.kind === "closed") this.#end(connection.state);
    if (connection.phase !== "welcomed" || connection.farewell !== null) return;
    if (this.#shell.connection?.isBrief === true) return;
    let inFlight = 0;
    for (const [id, call] of this.#calls) {
      if (++inFlight > MAX_IN_FLIGHT) return;
      if (!call.isSent) turn.send(`{"type":"request","id":${id}${call.text}}`);
      call.isSent = true;
    }
  }

  #unlink(): void {
    for (const [id, { ticket, isSent }] of this.#calls) {
      if (!isSent) continue;
      this.#calls.delete(id);
      if (ticket !== null) this.#fail(ticket, UNKNOWN);
    }
  }

  #end(failure: Failure): void {
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const { ticket } of calls) if (ticket !== null) this.#fail(ticket, failure);
  }

  #add(text: string, ticket: Ticket): void {
    const { connection } = this.#shell.core;
    if (connection.state.kind === "closed") return this.#fail(ticket, connection.state);
    if (this.#calls.size >= MAX_OPEN) return this.#fail(ticket, TOO_MANY);
    this.#calls.set(this.#nextId, { text, ticket, isSent: false });
    do this.#nextId = (this.#nextId % MAX_ID) + 1;
    while (this.#calls.has(this.#nextId));
    connection.want();
  }

  /** Nobody waits any more. One that was sent keeps its place until the server has answered. */
  #giveUp(ticket: Ticket, settle: (wasSent: boolean) => void): void {
    for (const [id, call] of this.#calls) {
      if (call.ticket !== ticket) continue;
      if (call.isSent) call.ticket = null;
      else this.#calls.delete(id);
      settle(call.isSent);
    }
  }

  #act(act: () => void): void {
    this.#shell.step(act);
  }

  #fail(ticket: Ticket, { code, message, retryAfterMs }: Failure): void {
    this.#shell.core.turn.settle(ticket, { failure: { code, message, retryAfterMs } });
  }
}

function faultOf(method: unknown, timeoutMs: number): Failure | null {
  if (typeof method !== "string" || method.length < 1 || method.length > MAX_METHOD_CHARACTERS) {
    return { code: "bad-option", message: "`method` is a string of 1 to 128 characters." };
  }
  if (timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS) return null;
  return { code: "bad-option", message: "`timeoutMs` is a number from 1 to 2^31 - 1." };
}

function lateness(wasSent: boolean): Failure {
  const message = wasSent
    ? "The server did not answer in time; it may have done what was asked."
    : "There was no connection in time; nothing was asked.";
  return { code: "deadline", message };
}

const UNKNOWN: Failure = {
  code: "outcome-unknown",
  message: "The connection was lost before the answer came; the server may have done what was asked.",
};
const TOO_MANY: Failure = { code: "unavailable", message: "Too many requests are open." };
