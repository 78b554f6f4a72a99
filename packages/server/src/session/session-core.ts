import {
  MAX_REQUESTS_IN_FLIGHT,
  type Echo,
  type ErrorCode,
  type Limits,
  type ServerFrame,
} from "@parlor/protocol";
import {
  decodeClientFrame,
  type ClientFrame,
  type HelloFrame,
  type HistoryFrame,
  type RequestFrame,
  type SetFrame,
  type SignalFrame,
  type SubscribeFrame,
} from "@parlor/protocol";
import type { FrameText } from "./connection.ts";
import { type EarlyFrame, EarlyFrames } from "./early-frames.ts";
import { echoOf } from "./echo-of.ts";
import { malformedPublish, publishRequest } from "./publish-frame.ts";
import { reservedRefusal } from "./reserved-room.ts";
import type { Action, Refusal } from "./hooks.ts";
import type { PublishRefusal, PublishRequest } from "./publish-gate.ts";

/**
 * Session: the server side of one connection that speaks the full protocol, from `hello` to its end.
 *
 *     new ─hello─▶ authenticating ─welcome─▶ open ─▶ closed
 *                  (frames that follow hello wait here, bounded)
 *
 * Owns:     which frame may come when, which rooms are subscribed to, what is being asked of hooks.
 * Leaves:   publishes and their order (Publishing), messages (Subscription), sockets and time (Session).
 * Must not: touch a socket, a clock, a hook or the log: it is `step(state, event) → effects`.
 *
 * Rules: docs/protocol.md, HELLO-, REFUSE- and FRAME-.
 */
export type SessionEvent =
  /** `size`: units of its text, or bytes of what was read of it already. */
  | { readonly kind: "frame"; readonly frame: EarlyFrame; readonly size: number }
  | { readonly kind: "authenticated"; readonly who: Who | Refusal; readonly isRenewal: boolean }
  | { readonly kind: "authorized"; readonly ticket: number; readonly refusal: Refusal | null }
  | {
      readonly kind: "subscription-failed";
      readonly room: string;
      readonly generation: number;
      readonly refusal: Refusal;
    }
  /** The room ended it, or a right was withdrawn. */
  | { readonly kind: "subscription-ended"; readonly room: string; readonly refusal: Refusal }
  | { readonly kind: "history-read"; readonly frame: ServerFrame | FrameText }
  | { readonly kind: "request-answered"; readonly frame: ServerFrame | string }
  /** The token's time is over. */
  | { readonly kind: "expired" };

export type SessionEffect =
  | { readonly kind: "send"; readonly frame: ServerFrame | FrameText }
  | { readonly kind: "authenticate"; readonly hello: HelloFrame | null; readonly token: string | null }
  | { readonly kind: "welcome"; readonly who: Who }
  | { readonly kind: "authorize"; readonly ticket: number; readonly action: Action; readonly room: string }
  /** `fault` is what is wrong with its form; it is answered all the same when its turn has come. */
  | { readonly kind: "publish"; readonly request: PublishRequest; readonly fault: PublishRefusal | null }
  | { readonly kind: "open-subscription"; readonly frame: SubscribeFrame; readonly generation: number }
  | { readonly kind: "close-subscription"; readonly room: string }
  | { readonly kind: "read-history"; readonly frame: HistoryFrame }
  | { readonly kind: "set"; readonly frame: SetFrame }
  | { readonly kind: "signal"; readonly frame: SignalFrame }
  | { readonly kind: "run-request"; readonly frame: RequestFrame }
  /** Behind a `hello` that is not answered yet enough waits; nothing more is read until it is. */
  | { readonly kind: "pause-reading" | "resume-reading" | "ponged" }
  /** Rights may have changed with the token: ask again for each of these rooms. */
  | { readonly kind: "recheck"; readonly rooms: readonly string[] }
  | { readonly kind: "close"; readonly reason: "version" | "forbidden" | "unauthenticated" | "internal" };

/** Who the connection is, once it is known. */
export interface Who {
  readonly identity: string;
  readonly isAuthenticated: boolean;
  /** ms since 1970; null where the token has no end. */
  readonly expiresAt: number | null;
}

export interface SessionState {
  phase: "new" | "authenticating" | "open" | "closed";
  readonly limits: Limits;
  /** Of the `hello`; empty before. The rest of it, the secret above all, is not kept. */
  producer: string;
  /** Likewise, as JSON text: what others are shown of it. */
  profileJson: string | null;
  who: Who | null;
  isRenewing: boolean;
  /** Frames that came behind `hello` before it was answered. */
  early: EarlyFrames | null;
  /** Subscriptions by room; the generation tells an answer for an older one apart. */
  readonly subscriptions: Map<string, number>;
  /** What hooks are being asked about; null for nothing, as nearly always. */
  asked: Map<number, SubscribeFrame | HistoryFrame> | null;
  nextNumber: number;
  runningHistories: number;
  waitingHistories: HistoryFrame[] | null;
  runningRequests: number;
}

/** History pages of one connection that are read at once; more wait for their turn. */
const MAX_RUNNING_HISTORIES = 4;
const MAX_WAITING_HISTORIES = 32;

export function newSession(limits: Limits): SessionState {
  return {
    phase: "new",
    limits,
    producer: "",
    profileJson: null,
    who: null,
    isRenewing: false,
    early: null,
    subscriptions: new Map(),
    asked: null,
    nextNumber: 1,
    runningHistories: 0,
    waitingHistories: null,
    runningRequests: 0,
  };
}

export function stepSession(state: SessionState, event: SessionEvent): SessionEffect[] {
  if (state.phase === "closed") return [];
  switch (event.kind) {
    case "frame":
      return takeReceived(state, event.frame, event.size);
    case "authenticated":
      return authenticated(state, event.who, event.isRenewal);
    case "authorized":
      return authorized(state, event.ticket, event.refusal);
    case "subscription-failed": {
      if (state.subscriptions.get(event.room) !== event.generation) return [];
      state.subscriptions.delete(event.room);
      return [sendError({ to: "subscribe", room: event.room }, event.refusal)];
    }
    case "subscription-ended": {
      if (!state.subscriptions.delete(event.room)) return [];
      const { code, message } = event.refusal;
      return [
        { kind: "close-subscription", room: event.room },
        send({ type: "unsubscribed", room: event.room, code, message }),
      ];
    }
    case "history-read":
      return historyRead(state, event.frame);
    case "request-answered":
      state.runningRequests -= 1;
      return [{ kind: "send", frame: event.frame }];
    case "expired":
      state.phase = "closed";
      return [
        sendError({ to: "hello" }, { code: "expired", message: "The token's time is over." }),
        { kind: "close", reason: "unauthenticated" },
      ];
  }
}

function takeReceived(state: SessionState, received: EarlyFrame, size: number): SessionEffect[] {
  if (state.phase === "authenticating") {
    const early = (state.early ??= new EarlyFrames());
    const wasEnough = early.isEnough;
    early.add(received, size);
    return !wasEnough && early.isEnough ? [{ kind: "pause-reading" }] : [];
  }
  const decoded = typeof received === "string" ? decodeClientFrame(received) : received;
  if (decoded.ok) return takeFrame(state, decoded.frame);
  return refuseFrame(state, decoded.code, decoded.message, decoded.echo);
}

function refuseFrame(state: SessionState, code: ErrorCode, message: string, echo: Echo): SessionEffect[] {
  // What names no type is no frame at all, and told so, whenever it comes.
  if (state.phase === "new" && echo.to !== undefined && echo.to !== "hello") {
    return [sendError(echo, HELLO_FIRST)];
  }
  if (state.phase !== "new" && echo.to === "hello") return [sendError(echo, HELLO_ONCE)];
  if (state.phase === "new" && code === "version") {
    state.phase = "closed";
    return [sendError(echo, { code, message }), { kind: "close", reason: "version" }];
  }
  if (echo.to === "publish" && state.phase === "open") return [malformedPublish(code, message, echo)];
  return [sendError(echo, { code, message })];
}

const HELLO_ONCE: Refusal = { code: "bad-frame", message: "`hello` comes once." };
const HELLO_FIRST: Refusal = { code: "hello-first", message: "The first frame of a connection is `hello`." };

function takeFrame(state: SessionState, frame: ClientFrame): SessionEffect[] {
  if (state.phase === "new" && frame.type !== "hello") {
    // The heartbeat may have asked for a pong, and answering is no fault.
    return frame.type === "pong" ? [] : [sendError(echoOf(frame), HELLO_FIRST)];
  }
  switch (frame.type) {
    case "hello":
      return takeHello(state, frame);
    case "renew":
      return takeRenew(state, frame.token);
    case "subscribe":
      return takeSubscribe(state, frame);
    case "unsubscribe":
      state.subscriptions.delete(frame.room);
      return [
        { kind: "close-subscription", room: frame.room },
        send({ type: "unsubscribed", room: frame.room }),
      ];
    case "publish":
      return [{ kind: "publish", request: publishRequest(frame), fault: null }];
    case "history":
      return ask(state, frame, "history");
    case "ping":
      return [send({ type: "pong" })];
    case "pong":
      return [{ kind: "ponged" }];
    case "set":
      return [{ kind: "set", frame }];
    case "request":
      return takeRequest(state, frame);
    case "signal":
      return [{ kind: "signal", frame }];
  }
}

function takeHello(state: SessionState, frame: HelloFrame): SessionEffect[] {
  if (state.phase !== "new") {
    return [sendError({ to: "hello" }, HELLO_ONCE)];
  }
  const profileJson = frame.profile === undefined ? null : JSON.stringify(frame.profile);
  if (profileJson !== null && Buffer.byteLength(profileJson) > state.limits.maxProfileBytes) {
    const message = `The profile is over ${state.limits.maxProfileBytes} bytes of JSON.`;
    return [sendError({ to: "hello" }, { code: "too-large", message })];
  }
  state.phase = "authenticating";
  state.producer = frame.producer;
  state.profileJson = profileJson;
  return [{ kind: "authenticate", hello: frame, token: frame.token ?? null }];
}

/** One at a time: a token that is judged slowly must not overtake the one that came after it. */
function takeRenew(state: SessionState, token: string): SessionEffect[] {
  if (state.isRenewing) {
    const message = "Another renewal is not answered yet; send this one after it.";
    return [sendError({ to: "renew" }, { code: "rate-limited", message, retryAfterMs: 1_000 })];
  }
  state.isRenewing = true;
  return [{ kind: "authenticate", hello: null, token }];
}

function authenticated(state: SessionState, who: Who | Refusal, isRenewal: boolean): SessionEffect[] {
  if (isRenewal) state.isRenewing = false;
  if ("code" in who) {
    // A hook that failed may work the next time; a token that is refused will not.
    const reason = who.code === "internal" || who.code === "unavailable" ? "internal" : "unauthenticated";
    const isBadHello = who.code === "bad-frame" && !isRenewal;
    const told = sendError({ to: isRenewal ? "renew" : "hello" }, who);
    if (isBadHello) {
      state.phase = "new";
      const wasEnough = state.early?.isEnough === true;
      state.early = null;
      return wasEnough ? [told, { kind: "resume-reading" }] : [told];
    }
    // A renewal that failed leaves the connection what it was, until the old token's end.
    if (isRenewal && reason === "internal") return [told];
    state.phase = "closed";
    return [told, { kind: "close", reason: who.code === "forbidden" ? "forbidden" : reason }];
  }
  if (isRenewal) {
    if (state.who !== null && state.who.identity !== who.identity) {
      state.phase = "closed";
      const message = "The fresh token stands for another identity; connect anew with it.";
      return [
        sendError({ to: "renew" }, { code: "unauthenticated", message }),
        { kind: "close", reason: "unauthenticated" },
      ];
    }
    state.who = who;
    return [
      { kind: "welcome", who },
      { kind: "recheck", rooms: [...state.subscriptions.keys()] },
    ];
  }
  state.phase = "open";
  state.who = who;
  const effects: SessionEffect[] = [{ kind: "welcome", who }];
  const { early } = state;
  const wasEnough = early?.isEnough === true;
  state.early = null;
  for (const frame of early?.takeAll() ?? []) effects.push(...takeReceived(state, frame, 0));
  if (wasEnough) effects.push({ kind: "resume-reading" });
  return effects;
}

function takeSubscribe(state: SessionState, frame: SubscribeFrame): SessionEffect[] {
  const refusal = reservedRefusal(frame.room, state.who?.identity ?? null);
  if (refusal !== null) return [sendError(echoOf(frame), refusal)];
  if (!state.subscriptions.has(frame.room) && state.subscriptions.size >= state.limits.maxRooms) {
    const message = `One connection subscribes to at most ${state.limits.maxRooms} rooms.`;
    return [sendError(echoOf(frame), { code: "too-many-rooms", message })];
  }
  return ask(state, frame, "subscribe");
}

function ask(state: SessionState, frame: SubscribeFrame | HistoryFrame, action: Action): SessionEffect[] {
  if (frame.type === "history") {
    const refusal = reservedRefusal(frame.room, state.who?.identity ?? null);
    if (refusal !== null) return [sendError(echoOf(frame), refusal)];
  }
  // A hook that takes its time must not become a place where a peer can pile up questions.
  const maxWaiting = MAX_WAITING_HISTORIES + state.limits.maxRooms;
  if ((state.asked?.size ?? 0) + (state.waitingHistories?.length ?? 0) >= maxWaiting) {
    const message = `At most ${maxWaiting} questions wait for one connection; ask again when some are answered.`;
    return [sendError(echoOf(frame), { code: "rate-limited", message, retryAfterMs: 1_000 })];
  }
  const ticket = state.nextNumber++;
  // Takes its place at once, so that many at a time can't pass the limit, and an older one yields.
  if (frame.type === "subscribe") state.subscriptions.set(frame.room, ticket);
  (state.asked ??= new Map()).set(ticket, frame);
  return [{ kind: "authorize", ticket, action, room: frame.room }];
}

function authorized(state: SessionState, ticket: number, refusal: Refusal | null): SessionEffect[] {
  const frame = state.asked?.get(ticket);
  if (frame === undefined) return [];
  state.asked?.delete(ticket);
  if (state.asked?.size === 0) state.asked = null;
  if (frame.type === "subscribe") {
    // Subscribed again, or unsubscribed, while the hook was asked.
    if (state.subscriptions.get(frame.room) !== ticket) return [];
    if (refusal === null) return [{ kind: "open-subscription", frame, generation: ticket }];
    state.subscriptions.delete(frame.room);
    return [{ kind: "close-subscription", room: frame.room }, sendError(echoOf(frame), refusal)];
  }
  if (refusal !== null) return [sendError(echoOf(frame), refusal)];
  if (state.runningHistories < MAX_RUNNING_HISTORIES) {
    state.runningHistories += 1;
    return [{ kind: "read-history", frame }];
  }
  const waiting = (state.waitingHistories ??= []);
  if (waiting.length >= MAX_WAITING_HISTORIES) {
    const message = `At most ${MAX_WAITING_HISTORIES} history pages wait for one connection.`;
    return [sendError(echoOf(frame), { code: "rate-limited", message, retryAfterMs: 1_000 })];
  }
  waiting.push(frame);
  return [];
}

/** Counted until it is answered: a handler that takes its time is no place where a peer can pile up questions. */
function takeRequest(state: SessionState, frame: RequestFrame): SessionEffect[] {
  if (state.runningRequests >= MAX_REQUESTS_IN_FLIGHT) {
    const message = `At most ${MAX_REQUESTS_IN_FLIGHT} requests of one connection are answered at a time.`;
    const error = { code: "rate-limited", message, retryAfterMs: 1_000 };
    return [send({ type: "reply", id: frame.id, error })];
  }
  state.runningRequests += 1;
  return [{ kind: "run-request", frame }];
}

function historyRead(state: SessionState, frame: ServerFrame | FrameText): SessionEffect[] {
  const effects: SessionEffect[] = [{ kind: "send", frame }];
  const next = state.waitingHistories?.shift();
  if (next === undefined) state.runningHistories -= 1;
  else effects.push({ kind: "read-history", frame: next });
  return effects;
}

function send(frame: ServerFrame): SessionEffect {
  return { kind: "send", frame };
}

function sendError(echo: Echo, refusal: Refusal): SessionEffect {
  const { code, message, retryAfterMs } = refusal;
  return send({
    type: "error",
    ...echo,
    code,
    message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
