import { mayComeBack, type ByeFrame, type ErrorFrame, type WelcomeFrame } from "@parlor/protocol";
import type { ConnectionState } from "./connection-state.ts";
import type { ClientEffect, Failure, StepInputs } from "./effects.ts";
import {
  finalWords,
  isTemporary,
  lossReason,
  retryAfterOf,
  retryDelayMs,
  STABLE_AFTER_MS,
} from "./reconnect.ts";
import type { TransportClose, TransportKind } from "./transports/transport.ts";

/**
 * The life of the link: when to open a connection, when to take it for dead, when to come back.
 *
 * Owns:     the public state, the count of tries, the heartbeat's watch, what the server said at parting.
 * Leaves:   what travels on the link (cursor.ts, outbox.ts, history-requests.ts), and all I/O.
 * Must not: send anything but `ping` and `pong`.
 *
 * Rules: docs/protocol.md [LIFE-…] and "Coming back".
 */
export interface Connection {
  state: ConnectionState;
  /** Number of the newest transport connection. What an older one still reports is not heard. */
  number: number;
  phase: Phase;
  /** Tries since the last connection that lasted. */
  attempt: number;
  /** Tries in a row that ended before a welcome. */
  failures: number;
  /** Welcomed connections in a row that did not last. */
  shortLives: number;
  heartbeatMs: number;
  heardAtMs: number;
  welcomedAtMs: number;
  /** The server said `bye`: it takes nothing new and will close. */
  farewell: ByeFrame | null;
  /** The present wait is one that the server asked for, and is not cut short by waking up. */
  isServerWait: boolean;
  /** `close()` was called; nothing brings it back. */
  isReleased: boolean;
}

/** down: no connection. opening: not usable yet. greeting: `hello` is sent. welcomed: answered. */
export type Phase = "down" | "opening" | "greeting" | "welcomed";

export type ConnectionEvent =
  /** Something wants to travel. */
  | { readonly kind: "want" }
  /** A person says: try now. */
  | { readonly kind: "reconnect" }
  /** The page became visible, the network came back, the machine woke. */
  | { readonly kind: "wake" }
  | { readonly kind: "opened" }
  /** Bytes came. */
  | { readonly kind: "heard" }
  | { readonly kind: "welcome"; readonly frame: WelcomeFrame; readonly transport: TransportKind }
  | { readonly kind: "bye"; readonly frame: ByeFrame }
  | { readonly kind: "hello-refused"; readonly error: ErrorFrame }
  | { readonly kind: "ping" }
  | { readonly kind: "closed"; readonly close: TransportClose }
  /** What came is not this protocol, or the connection could not even be prepared. */
  | { readonly kind: "fault"; readonly reason: string }
  | { readonly kind: "timer"; readonly name: string }
  | { readonly kind: "release" };

const WELCOME_TIMEOUT_MS = 10_000;
const DOUBT_TIMEOUT_MS = 5_000;
/** A server that drains has closed within 10 s of its `bye`. */
const FAREWELL_TIMEOUT_MS = 15_000;
/** Life is looked for after this many heartbeats without a byte. */
const SILENT_HEARTBEATS = 2;

export function newConnection(): Connection {
  return {
    state: { kind: "idle" },
    number: 0,
    phase: "down",
    attempt: 0,
    failures: 0,
    shortLives: 0,
    heartbeatMs: Infinity,
    heardAtMs: 0,
    welcomedAtMs: 0,
    farewell: null,
    isServerWait: false,
    isReleased: false,
  };
}

/** Whether frames may be sent: behind `hello`, before or after its answer. */
export function isLinked(connection: Connection): boolean {
  return connection.phase === "greeting" || connection.phase === "welcomed";
}

export function stepConnection(
  connection: Connection,
  event: ConnectionEvent,
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  switch (event.kind) {
    case "want":
      if (connection.state.kind === "idle") connect(connection, effects);
      return;
    case "reconnect":
      return reconnect(connection, effects);
    case "wake":
      return wake(connection, effects);
    case "opened":
      connection.phase = "greeting";
      return;
    case "heard":
      connection.heardAtMs = inputs.nowMs;
      effects.push({ kind: "cancel", name: "doubt" });
      return;
    case "welcome":
      return welcome(connection, event.frame, event.transport, inputs, effects);
    case "bye":
      connection.farewell = event.frame;
      effects.push({ kind: "timer", name: "farewell", afterMs: FAREWELL_TIMEOUT_MS });
      return;
    case "hello-refused":
      return takeRefusal(connection, event.error, inputs, effects);
    case "ping":
      effects.push({ kind: "send", text: '{"type":"pong"}' });
      return;
    case "closed":
      return takeClose(connection, event.close, inputs, effects);
    case "fault":
      return breakOff(connection, event.reason, inputs, effects);
    case "timer":
      return takeTimer(connection, event.name, inputs, effects);
    case "release":
      return release(connection, effects);
  }
}

function connect(connection: Connection, effects: ClientEffect[]): void {
  connection.number += 1;
  connection.attempt += 1;
  connection.phase = "opening";
  connection.farewell = null;
  connection.isServerWait = false;
  setState(connection, { kind: "connecting", attempt: connection.attempt }, effects);
  effects.push({ kind: "cancel", name: "retry" });
  effects.push({ kind: "timer", name: "welcome", afterMs: WELCOME_TIMEOUT_MS });
  effects.push({ kind: "open", connection: connection.number });
}

function reconnect(connection: Connection, effects: ClientEffect[]): void {
  if (connection.isReleased) return;
  if (connection.phase === "welcomed") return doubt(effects);
  if (connection.phase === "down") connect(connection, effects);
}

function wake(connection: Connection, effects: ClientEffect[]): void {
  if (connection.phase === "welcomed") return doubt(effects);
  const isWaiting = connection.state.kind === "waiting";
  if (isWaiting && !connection.isServerWait) connect(connection, effects);
}

/** The link may be dead without anybody having said so: ask, and give it a moment. [LIFE] */
function doubt(effects: ClientEffect[]): void {
  effects.push({ kind: "send", text: '{"type":"ping"}' });
  effects.push({ kind: "timer", name: "doubt", afterMs: DOUBT_TIMEOUT_MS });
}

function welcome(
  connection: Connection,
  frame: WelcomeFrame,
  transport: TransportKind,
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  connection.phase = "welcomed";
  connection.failures = 0;
  connection.welcomedAtMs = inputs.nowMs;
  connection.heartbeatMs = Math.max(frame.heartbeatMs, 1);
  effects.push({ kind: "cancel", name: "welcome" });
  watchSilence(connection, inputs, effects);
  setState(connection, { kind: "open", identity: frame.identity, transport }, effects);
}

/** One timer, set anew only when it runs out: what comes meanwhile only moves `heardAtMs`. */
function watchSilence(connection: Connection, inputs: StepInputs, effects: ClientEffect[]): void {
  const leftMs = connection.heardAtMs + SILENT_HEARTBEATS * connection.heartbeatMs - inputs.nowMs;
  effects.push({ kind: "timer", name: "silence", afterMs: Math.max(1, Math.ceil(leftMs)) });
}

function takeRefusal(
  connection: Connection,
  error: ErrorFrame,
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  effects.push({ kind: "close" });
  if (!isTemporary(error.code)) return closeForGood(connection, error, effects);
  connection.failures += 1;
  lose(connection, error.message, retryAfterOf(error.retryAfterMs), inputs, effects);
}

function takeClose(
  connection: Connection,
  close: TransportClose,
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  const { farewell } = connection;
  if (!mayComeBack(close.code)) {
    const words = finalWords(close);
    const code = farewell?.code ?? words.code;
    return closeForGood(connection, { code, message: farewell?.message ?? words.message }, effects);
  }
  const wasWelcomed = connection.phase === "welcomed";
  if (!wasWelcomed) connection.failures += 1;
  const reason =
    farewell?.message ??
    lossReason({ close, wasWelcomed, failures: connection.failures, isOffline: inputs.isOffline });
  lose(connection, reason, retryAfterOf(farewell?.retryAfterMs), inputs, effects);
}

/** Ends the connection from this side, and comes back. */
function breakOff(connection: Connection, reason: string, inputs: StepInputs, effects: ClientEffect[]): void {
  if (connection.phase !== "welcomed") connection.failures += 1;
  effects.push({ kind: "close" });
  lose(connection, reason, retryAfterOf(connection.farewell?.retryAfterMs), inputs, effects);
}

function lose(
  connection: Connection,
  reason: string,
  serverMs: number | undefined,
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  if (connection.phase === "welcomed") {
    const hasLasted = inputs.nowMs - connection.welcomedAtMs >= STABLE_AFTER_MS;
    connection.attempt = hasLasted ? 0 : connection.shortLives;
    connection.shortLives = hasLasted ? 0 : connection.shortLives + 1;
  }
  goDown(connection, effects);
  const attempt = connection.attempt + 1;
  const retryInMs = retryDelayMs(attempt, serverMs, inputs.random);
  connection.isServerWait = serverMs !== undefined;
  effects.push({ kind: "timer", name: "retry", afterMs: retryInMs });
  setState(connection, { kind: "waiting", attempt, retryInMs, reason }, effects);
}

function takeTimer(connection: Connection, name: string, inputs: StepInputs, effects: ClientEffect[]): void {
  switch (name) {
    case "retry":
      if (connection.state.kind === "waiting") connect(connection, effects);
      return;
    case "welcome":
      return breakOff(connection, "The server could be reached, but it did not answer.", inputs, effects);
    case "doubt":
      breakOff(connection, "The connection was found dead.", inputs, effects);
      // Whoever is there looks at the page right now, so the new try does not wait.
      if (!connection.isServerWait) connect(connection, effects);
      return;
    case "farewell":
      return breakOff(connection, "The server said that it would close.", inputs, effects);
    case "silence": {
      const silentMs = inputs.nowMs - connection.heardAtMs;
      if (silentMs < SILENT_HEARTBEATS * connection.heartbeatMs) {
        return watchSilence(connection, inputs, effects);
      }
      const seconds = Math.round(silentMs / 1000);
      return breakOff(connection, `Nothing was heard from the server for ${seconds} s.`, inputs, effects);
    }
  }
}

function release(connection: Connection, effects: ClientEffect[]): void {
  if (connection.isReleased) return;
  connection.isReleased = true;
  if (connection.phase !== "down") effects.push({ kind: "close" });
  closeForGood(connection, { code: "closed", message: "This client was closed." }, effects);
}

function closeForGood(connection: Connection, words: Failure, effects: ClientEffect[]): void {
  goDown(connection, effects);
  connection.attempt = 0;
  setState(connection, { kind: "closed", code: words.code, message: words.message }, effects);
}

function goDown(connection: Connection, effects: ClientEffect[]): void {
  connection.phase = "down";
  for (const name of ["retry", "welcome", "silence", "doubt", "farewell"]) {
    effects.push({ kind: "cancel", name });
  }
}

function setState(connection: Connection, state: ConnectionState, effects: ClientEffect[]): void {
  connection.state = state;
  effects.push({ kind: "state", state });
}
