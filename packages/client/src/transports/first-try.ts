import type { TimerHandle } from "@parlor/base";
import type { ReceivedFrame } from "@parlor/protocol";
import type { Contender, ContenderHost } from "./contender.ts";
import type { LinkConnection, LinkListener } from "./link.ts";
import type { Means, RacingLink } from "./means.ts";
import { QuickPoll } from "./quick-poll.ts";
import type { TransportClose } from "./transport.ts";

/** One that is not heard for longer may be cut by something that lets no WebSocket live; the race watches that. */
const SHORT_LIFE_MS = 5_000;
/** The server heard nothing for one and a half heartbeats. */
const CLOSE_HEARTBEAT = 4002;
/** A server that never heard this one says so within two heartbeats, 25 s where it has no other; else the race finds out. */
const UNHEARD_LIFE_MS = 50_000;

export interface FirstTryPlan {
  /** The WebSocket begins, alone where nothing else won the last time; else all begins with the race. */
  readonly isSocketFirst: boolean;
  /** A poll may bring the rooms before anything is chosen. */
  readonly isQuick: boolean;
  /** Loads the race; rejects where that can't be. */
  load(): Promise<RacingLink>;
  /** The WebSocket was answered, and fell silent or soon broke off. */
  onTrouble(cause: "silence" | "break"): void;
}

/**
 * One connection of a client that has not loaded the race so far: the WebSocket alone for its head
 * start, and for good if it is answered by then; else whoever wins.
 */
export class FirstTry implements LinkConnection, ContenderHost {
  readonly #listener: LinkListener;
  readonly #means: Means;
  readonly #plan: FirstTryPlan;
  readonly #quick: QuickPoll | null;
  #socket: Contender | null = null;
  #timer: TimerHandle | null = null;
  #state: "trying" | "answered" | "over" = "trying";
  #answeredAtMs = 0;
  #heardAtMs = 0;
  #isLoading = false;
  /** Why the race could not be loaded. */
  #fault = "";
  /** The race, once it has taken over what was begun here. */
  #heir: LinkConnection | null = null;

  constructor(listener: LinkListener, means: Means, plan: FirstTryPlan) {
    this.#listener = listener;
    this.#means = means;
    this.#plan = plan;
    this.#quick = plan.isQuick ? new QuickPoll(means, listener) : null;
    if (plan.isSocketFirst) this.#begin();
    // Asked behind it: what a page keeps takes milliseconds to come, and the WebSocket is on its way by then.
    const { won, headStartMs } = means.history;
    if (!plan.isSocketFirst || !/^(websocket)?$/.test(won)) this.#race();
    else this.#timer = means.clock.after(headStartMs, () => this.#race());
  }

  get isBrief(): boolean {
    return this.#quick?.isAnswered === true;
  }

  /** What is sent before anything is chosen has nobody to take it; all of it is said anew at the choice. */
  send(text: string): void {
    (this.#heir ?? (this.#state === "answered" ? this.#socket : null))?.send(text);
  }

  close(cause?: "silence"): void {
    if (cause !== undefined && this.#state === "answered") this.#plan.onTrouble(cause);
    this.#become("over");
    (this.#heir ?? this.#socket)?.close(cause);
  }

  opening(): readonly string[] {
    return this.#listener.opening();
  }

  onOpen({ isEarly }: Contender): void {
    this.#quick?.asked(isEarly);
  }

  onText({ opening, kind, startedAtMs }: Contender, frame: ReceivedFrame): void {
    if (this.#state === "trying") {
      this.#become("answered");
      this.#answeredAtMs = this.#means.clock.monotonic();
      this.#means.history.welcomed(kind, this.#answeredAtMs - startedAtMs);
      this.#listener.onOpen(opening);
    }
    this.#heardAtMs = this.#means.clock.monotonic();
    this.#listener.onText(frame);
  }

  onLife(): void {
    this.#listener.onLife();
  }

  onClose(_: Contender, close: TransportClose): void {
    const isAnswered = this.#state === "answered";
    const isUnheard = this.#means.clock.monotonic() - this.#answeredAtMs < UNHEARD_LIFE_MS;
    const isShort = this.#heardAtMs - this.#answeredAtMs < SHORT_LIFE_MS;
    // Who could not hear this client says so with a code of its own; else nobody says anything.
    if (isAnswered && close.code === CLOSE_HEARTBEAT) this.#plan.onTrouble(isUnheard ? "silence" : "break");
    if (isAnswered && isShort && close.code === 1006) this.#plan.onTrouble("break");
    // A code above 4000 is the server's own; on another way it would say the same.
    if (isAnswered || close.code >= 4000 || this.#fault !== "") this.#end(close);
    else this.#race();
  }

  #begin(): void {
    const { socket, contend, kinds } = this.#means;
    if (socket !== null && kinds.includes("websocket")) this.#socket = contend(socket, this);
  }

  #race(): void {
    if (this.#isLoading) return;
    this.#isLoading = true;
    this.#load().then(
      (racing) => {
        if (this.#state === "trying") this.#heir = racing.open(this.#listener, this.#socket, this.#quick);
      },
      (error: unknown) => {
        if (this.#state === "trying") this.#goOnAlone(error);
      },
    );
  }

  async #load(): Promise<RacingLink> {
    if (this.#quick !== null) await this.#quick.ahead();
    return await this.#plan.load();
  }

  #goOnAlone(error: unknown): void {
    this.#fault = `the other ways could not be loaded: ${String(error)}`;
    if (this.#socket === null) this.#begin();
    if (this.#socket === null) this.#end({ code: 1006, reason: "" });
    else if (this.#socket.ended !== null) this.#end(this.#socket.ended);
  }

  #end(close: TransportClose): void {
    const reason = [close.reason, this.#state === "trying" ? this.#fault : ""].filter(Boolean).join("; ");
    this.#become("over");
    this.#listener.onClose({ ...close, reason });
  }

  #become(state: "answered" | "over"): void {
    this.#state = state;
    this.#quick?.end();
    if (this.#timer !== null) this.#means.clock.cancel(this.#timer);
    this.#timer = null;
  }
}
