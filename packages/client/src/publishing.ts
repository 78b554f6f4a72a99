import { bodyFromJson, DEFAULT_MAX_IN_FLIGHT, type ErrorFrame, type ServerFrame } from "@parlor/protocol";
import type { ClientShell } from "./client-shell.ts";
import type { CoreExtra, CoreParts } from "./core-parts.ts";
import type { Failure, Ticket } from "./effects.ts";
import type { HistoryAsker, HistoryQuery, HistoryRequests } from "./history-requests.ts";
import type { KeepsPublishes } from "./kept-outbox/outbox-storage.ts";
import { limitOf } from "./limit-of.ts";
import { Outbox, type OutboxLimits } from "./outbox.ts";
import type { CheckedBody } from "./publish-body.ts";
import { isTemporary, retryAfterOf } from "./reconnect.ts";
import type { Sender } from "./sender.ts";
import type { Turn } from "./turn.ts";
import { loadUpward, upwardPart, type Upward } from "./upward-part.ts";

/** What goes up from one room. */
export interface UpwardRoom {
  outbox: Outbox;
  /** null while nothing was published. */
  sender: Sender | null;
  /** The newest epoch that the server told of this room; empty before. */
  epoch: string;
}

export interface PublishingSettings {
  readonly producer: string;
  readonly limits: OutboxLimits;
  /** Where it is loaded already. */
  readonly upward: Upward | null;
  /** Loads it, and has `loaded` called in a step of its own. */
  load(): void;
}

/** Pages that may be asked for before what asks for them is loaded. */
const MAX_EARLY = 256;

/** Behind what was missed, ms: a page shows that first, and what nobody waits for takes nothing from it. */
const IDLE_MS = 1_000;
const IDLE_TIMER = "upward";

/** How often it is tried with a connection before who waits for it is told: 1, 2 and 4 s behind a failure each. */
const MAX_FAILURES = 3;

/**
 * What goes up: publishes, and questions for pages of history.
 *
 * The outboxes are here from the start: what is published shows in them at once, in order and bounded. What sends
 * it is loaded once somebody waits for that, or a moment after all that was missed is here (upward-part.ts).
 *
 * Owns:     which room's publishes go out when, and how many on one connection.
 * Leaves:   one room's outbox (outbox.ts) and sender (sender.ts), the pages (history-requests.ts).
 */
export class Publishing implements CoreExtra {
  readonly #core: CoreParts;
  readonly #settings: PublishingSettings;
  /** Those that something was published in, or a page of which came. */
  readonly rooms = new Map<string, UpwardRoom>();
  /** What keeps the outboxes on disk; null before it is loaded, and where nothing does. */
  kept: KeepsPublishes | null = null;
  #history: HistoryRequests | null = null;
  #upward: Upward | null;
  /** Questions for pages that wait for it. */
  #early: { readonly query: HistoryQuery; readonly asker: HistoryAsker }[] = [];
  /** apart: it failed, without a connection. again: it failed with one, and is tried again in a moment. */
  #loading: "no" | "soon" | "yes" | "failed" | "apart" | "again" = "no";
  /** How often it failed in a row, with a connection. */
  #failures = 0;

  constructor(core: CoreParts, settings: PublishingSettings) {
    this.#core = core;
    this.#settings = settings;
    this.#upward = settings.upward;
    core.extras.push(this);
  }

  get turn(): Turn {
    return this.#core.turn;
  }

  outboxOf(room: string): Outbox | undefined {
    return this.rooms.get(room)?.outbox;
  }

  publish(room: string, ticket: Ticket, body: CheckedBody, re: number | undefined): void {
    const { connection, turn } = this.#core;
    if (connection.state.kind === "closed") return turn.settle(ticket, { failure: connection.state });
    this.room(room).outbox.add(ticket, body, re);
    connection.want();
  }

  history(query: HistoryQuery, ticket: Ticket): void {
    const { connection, turn } = this.#core;
    const asker: HistoryAsker = {
      page: (value) => turn.settle(ticket, { value }),
      fail: (failure) => turn.settle(ticket, { failure }),
    };
    if (connection.state.kind === "closed") return asker.fail(connection.state, false);
    if (this.#upward !== null) this.#ask(query, asker, this.#upward);
    else if (this.#early.length < MAX_EARLY) this.#early.push({ query, asker });
    else asker.fail({ code: "unavailable", message: "Too many pages are asked for." }, true);
    connection.want();
  }

  /** What was to be loaded; or the reason why it can't be. */
  loaded(upward: Upward | string): void {
    if (typeof upward !== "string") {
      this.#upward = upward;
      for (const { query, asker } of this.#early.splice(0)) this.#ask(query, asker, upward);
      return;
    }
    // That nothing is kept is told with it.
    for (const { outbox } of this.rooms.values()) outbox.changed();
    const isWelcomed = this.#core.connection.phase === "welcomed";
    if (isWelcomed && this.#failures < MAX_FAILURES) {
      // What fails may be the way, or a server that is starting: nothing that waits for it need know.
      this.#loading = "again";
      this.turn.timer(IDLE_TIMER, IDLE_MS * 2 ** this.#failures++);
      return;
    }
    this.#failures = 0;
    this.#loading = isWelcomed ? "failed" : "apart";
    // Without a connection it is no wonder, and tried again behind the next welcome.
    if (!isWelcomed) return;
    this.end({ code: "unavailable", message: `A part of the client could not be loaded: ${upward}.` });
  }

  take(frame: ServerFrame): boolean {
    const room = "room" in frame ? this.rooms.get(frame.room ?? "") : undefined;
    switch (frame.type) {
      case "welcome":
        for (const { sender } of this.rooms.values()) sender?.link(frame.identity);
        return false;
      case "subscribed":
        if (this.#core.cursors.has(frame.room)) this.room(frame.room).epoch = frame.epoch;
        return false;
      case "ack":
        room?.sender?.ack(frame.seq, frame.offset ?? null, room.epoch);
        return true;
      case "refused":
        room?.sender?.refused(frame, frame.seq);
        return true;
      case "history":
        if (room !== undefined) room.epoch = frame.epoch;
        this.#history?.take(frame.id)?.page(frame);
        return true;
      case "error":
        return this.#takeError(frame, room?.sender ?? null);
      default:
        return false;
    }
  }

  #takeError(error: ErrorFrame, sender: Sender | null): boolean {
    const { to, id, code, message } = error;
    if (to === "publish") sender?.refused(error, error.seq);
    const asker = to === "history" ? this.#history?.take(id) : undefined;
    asker?.fail({ code, message, retryAfterMs: retryAfterOf(error) }, isTemporary(code));
    return to === "publish" || asker !== undefined;
  }

  /**
   * Sends what may go out by now. Publishes go behind the welcome only: it tells who this client is taken
   * for, and what may have been stored for one identity must not be sent again blindly by another. A
   * server that said `bye` is sent no more of them.
   */
  pump(): void {
    const { connection, identity } = this.#core;
    if (this.#upward === null) this.#wantUpward();
    if (!connection.isLinked) return;
    if (connection.phase === "welcomed" && connection.farewell === null && identity !== null)
      this.#publishes(identity);
    this.#history?.pump();
  }

  unlink(): void {
    this.#history?.unlink();
    for (const { sender } of this.rooms.values()) sender?.unlink();
  }

  end(failure: Failure): void {
    this.turn.cancel(IDLE_TIMER);
    for (const { outbox, sender } of this.rooms.values()) {
      sender?.end();
      outbox.end(failure);
    }
    this.#history?.end(failure);
    for (const { asker } of this.#early.splice(0)) asker.fail(failure, false);
  }

  timer(name: string): boolean {
    if (name === IDLE_TIMER) this.#load();
    const { sender = null } = this.rooms.get(name.slice(name.indexOf("/") + 1)) ?? {};
    if (sender?.timer !== name) return false;
    sender.retry();
    return true;
  }

  /** That room; made at the first call. */
  room(name: string): UpwardRoom {
    let room = this.rooms.get(name);
    if (room === undefined) {
      const { producer, limits } = this.#settings;
      room = {
        outbox: new Outbox(name, producer, limits, this.#core.turn, bodyFromJson),
        sender: null,
        epoch: "",
      };
      this.rooms.set(name, room);
    }
    return room;
  }

  #ask(query: HistoryQuery, asker: HistoryAsker, { HistoryRequests }: Upward): void {
    (this.#history ??= new HistoryRequests(this.#core.turn)).add(query, asker);
  }

  /**
   * What sends and asks is loaded once somebody waits for it, or a moment after all that was missed is here; or a try
   * failed: what a page that is gone left shows also without a network.
   */
  #wantUpward(): void {
    const { connection, cursors } = this.#core;
    const hasFailed = this.#loading === "failed" || this.#loading === "apart";
    const isWelcomed = connection.phase === "welcomed";
    if (this.#early.length > 0 || [...this.rooms.values()].some(({ outbox }) => outbox.items.length > 0)) {
      if (this.#loading !== "again" && (!hasFailed || isWelcomed)) this.#load();
    } else if (
      (this.#loading === "no" || (this.#loading === "apart" && isWelcomed)) &&
      (connection.state.kind === "waiting" ||
        [...cursors.values()].some(({ position, head }) => head !== null && head === position?.offset))
    ) {
      this.#loading = "soon";
      this.turn.timer(IDLE_TIMER, IDLE_MS);
    }
  }

  #load(): void {
    if (this.#loading === "yes") return;
    this.#loading = "yes";
    this.turn.cancel(IDLE_TIMER);
    this.#settings.load();
  }

  #publishes(identity: string): void {
    const upward = this.#upward;
    if (upward === null) return;
    const { cursors, turn, limits } = this.#core;
    // All that a connection publishes is of the producer that its hello named.
    const rooms = [...this.rooms].filter(([, { outbox }]) => outbox.producer === this.#core.producer);
    let budget = limitOf(limits.maxInFlight, DEFAULT_MAX_IN_FLIGHT);
    for (const [, room] of rooms) {
      if (room.outbox.items.length > 0) room.sender ??= upward.senderOf(room.outbox, turn);
      const query = room.sender?.nextQuery() ?? null;
      if (query !== null && room.sender !== null) this.#ask(query, room.sender, upward);
      budget -= room.sender?.inFlight ?? 0;
    }
    for (const [name, room] of rooms) {
      const { sender } = room;
      if (sender === null) continue;
      const before = sender.inFlight;
      sender.pump(identity, cursors.get(name)?.position ?? null, budget);
      const sent = sender.inFlight - before;
      budget -= sent;
      // Who had a turn stands behind the others at the next, so that no busy room starves them.
      if (sent > 0 && this.rooms.delete(name)) this.rooms.set(name, room);
    }
  }
}

/** Loads what sends publishes, and what keeps them. */
export type LoadUpward = (shell: ClientShell, publishing: Publishing) => Promise<Upward>;

/** What publishes for a client. */
export function publishingOf(
  shell: ClientShell,
  limits: OutboxLimits,
  loadParts: LoadUpward = loadUpward,
): Publishing {
  const { core, options } = shell;
  const tell = (upward: Upward | string): void => shell.step(() => publishing.loaded(upward));
  // Behind this turn: an import takes a browser a millisecond, and listeners wait for what has just come.
  const load = (): void =>
    void Promise.resolve()
      .then(() => loadParts(shell, publishing))
      .then(tell, (error: unknown) => tell(String(error)));
  const upward = loadParts === loadUpward ? upwardPart() : null;
  const publishing = new Publishing(core, { producer: options.producer, limits, upward, load });
  return publishing;
}
