import {
  DOUBT_TIMEOUT_MS,
  FAREWELL_TIMEOUT_MS,
  SILENT_HEARTBEATS,
  SLEPT_MS,
  STABLE_AFTER_MS,
  WELCOME_TIMEOUT_MS,
} from "./bounds.ts";
import { mayComeBack, type ByeFrame, type ErrorFrame, type WelcomeFrame } from "@parlor/protocol";
import type { ConnectionState } from "./connection-state.ts";
import type { Failure } from "./effects.ts";
import { finalCode, isTemporary, lossReason, retryAfterOf, retryDelayMs } from "./reconnect.ts";
import type { TransportClose, TransportKind } from "./transports/transport.ts";
import type { Turn } from "./turn.ts";

/** The one timer of the link; what its end means, the phase says. */
export const LINK_TIMER = "link";

/**
 * The life of the link: when to open a connection, when to take it for dead, when to come back.
 *
 *     down ─▶ opening ─▶ greeting ─▶ welcomed        down again from each, to wait or for good
 *             (a socket)  (hello said)
 *
 * Owns:     the public state, the count of tries, the watch for silence, what the server said at parting.
 * Leaves:   what travels on the link (cursor.ts, outbox.ts, history-requests.ts), and all I/O.
 * Must not: send anything but `ping` and `pong`.
 *
 * Rules: docs/protocol.md [LIFE-…] and "Coming back".
 */
export class Connection {
  state: ConnectionState = { kind: "idle" };
  /** Number of the newest transport connection. What an older one still reports is not heard. */
  number = 0;
  phase: "down" | "opening" | "greeting" | "welcomed" = "down";
  /** The server said `bye`: it takes nothing new and will close. */
  farewell: ByeFrame | null = null;
  /** `release` was called; nothing brings it back. */
  isReleased = false;
  readonly #turn: Turn;
  /** Tries since the last connection that lasted. */
  #attempt = 0;
  /** Tries in a row that ended before a welcome. */
  #failures = 0;
  /** Welcomed connections in a row that did not last. */
  #shortLives = 0;
  #heartbeatMs = 0;
  #heardAtMs = 0;
  #heardWallMs = 0;
  #welcomedAtMs = 0;
  /** The server has to be heard, or to have closed, by then. */
  #deadlineMs = Infinity;
  /** The present wait is one that the server asked for, and is not cut short by waking up. */
  #isServerWait = false;

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  /** Whether frames may be sent: behind `hello`, before or after its answer. */
  get isLinked(): boolean {
    return this.phase === "greeting" || this.phase === "welcomed";
  }

  /** Something wants to travel. */
  want(): void {
    if (this.state.kind === "idle") this.#connect();
  }

  /**
   * The page became visible, the network came back, the machine woke.
   *
   * @param isAsked A person says: try now. That goes before what the server said of a wait.
   */
  wake(isAsked = false): void {
    const isDue = this.state.kind === "waiting" && !this.#isServerWait;
    if (this.phase === "welcomed") this.#doubt();
    else if (isAsked ? this.phase === "down" && !this.isReleased : isDue) this.#connect();
  }

  /** Nothing goes on until the page wakes, and then at once. */
  away(): void {
    if (this.phase === "down") return;
    this.farewell = null;
    this.breakOff("The page was put away.");
    this.#turn.cancel(LINK_TIMER);
  }

  opened(): void {
    this.phase = "greeting";
    this.farewell = null;
  }

  /** Bytes came. */
  heard(): void {
    ({ nowMs: this.#heardAtMs, wallMs: this.#heardWallMs } = this.#turn.inputs);
    if (this.farewell === null) this.#deadlineMs = Infinity;
  }

  welcome(frame: WelcomeFrame, transport: TransportKind): void {
    this.phase = "welcomed";
    this.#failures = 0;
    this.#welcomedAtMs = this.#turn.inputs.nowMs;
    this.#heartbeatMs = Math.max(frame.heartbeatMs, 1);
    this.#setState({ kind: "open", identity: frame.identity, transport });
    this.#watch();
  }

  bye(frame: ByeFrame): void {
    this.farewell = frame;
    this.#expectBy(FAREWELL_TIMEOUT_MS);
  }

  /** The hello was refused, or what it said does not hold any more. */
  refuse(error: ErrorFrame): void {
    this.#turn.do({ kind: "close" });
    this.#refused(error);
  }

  closed(close: TransportClose): void {
    const { refusal, wait } = close;
    if (refusal !== undefined) return this.#refused(refusal);
    if (wait !== undefined) {
      this.#lose(wait.message, wait);
      this.#isServerWait = false;
      return;
    }
    const { code, message } = this.farewell ?? {};
    const failures = this.phase === "welcomed" ? 0 : this.#failures + 1;
    const reason = message ?? lossReason(close, failures, this.#turn.inputs.wake.isOffline);
    if (mayComeBack(close.code)) this.#lose(reason, this.farewell);
    else {
      const words = message ?? (close.reason || reason);
      this.#closeForGood({ code: code ?? finalCode(close.code), message: words });
    }
  }

  /** Ends the connection from this side, and comes back. */
  breakOff(reason: string, cause?: "silence"): void {
    this.#turn.do({ kind: "close", cause });
    this.#lose(reason, this.farewell);
  }

  timer(): void {
    if (this.phase === "down") return this.#connect();
    if (this.phase !== "welcomed") return this.breakOff("The server did not answer.");
    const { nowMs, wallMs } = this.#turn.inputs;
    const silentMs = nowMs - this.#heardAtMs;
    if (nowMs < this.#dueMs) {
      // Some systems' monotonic clocks stand still while the machine sleeps, and no event tells of it.
      const hasSlept = Math.abs(wallMs - this.#heardWallMs - silentMs) > SLEPT_MS;
      return hasSlept ? this.#doubt() : this.#watch();
    }
    const isDoubt = nowMs >= this.#deadlineMs && this.farewell === null;
    const words = `Nothing was heard from the server for ${Math.round(silentMs / 1_000)} s.`;
    if (this.farewell === null) this.breakOff(words, "silence");
    else this.breakOff(this.farewell.message ?? words);
    // Whoever made the client doubt looks at the page right now, so the new try does not wait.
    if (isDoubt) this.#connect();
  }

  /** For good. */
  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    this.#turn.do({ kind: "close" });
    this.#closeForGood({ code: "closed", message: "The client was closed." });
  }

  #refused(refusal: Failure): void {
    if (isTemporary(refusal.code)) this.#lose(refusal.message, refusal);
    else this.#closeForGood(refusal);
  }

  #connect(): void {
    this.number += 1;
    this.#attempt += 1;
    this.phase = "opening";
    this.farewell = null;
    this.#deadlineMs = Infinity;
    this.#setState({ kind: "connecting", attempt: this.#attempt });
    this.#turn.timer(LINK_TIMER, WELCOME_TIMEOUT_MS);
    this.#turn.do({ kind: "open", connection: this.number });
  }

  /** The link may be dead without anybody having said so: ask, and give it a moment. */
  #doubt(): void {
    this.#turn.send({ type: "ping" });
    this.#expectBy(DOUBT_TIMEOUT_MS);
  }

  #expectBy(withinMs: number): void {
    this.#deadlineMs = Math.min(this.#deadlineMs, this.#turn.inputs.nowMs + withinMs);
    this.#watch();
  }

  get #dueMs(): number {
    return Math.min(this.#deadlineMs, this.#heardAtMs + SILENT_HEARTBEATS * this.#heartbeatMs);
  }

  /**
   * What comes meanwhile only moves the moment that is due; the timer is set anew when it runs out. It runs out
   * twice in a heartbeat, to see whether the machine slept.
   */
  #watch(): void {
    const leftMs = Math.ceil(this.#dueMs - this.#turn.inputs.nowMs);
    this.#turn.timer(LINK_TIMER, Math.max(1, Math.min(leftMs, this.#heartbeatMs / 2)));
  }

  #lose(reason: string, answer: { readonly retryAfterMs?: unknown } | null): void {
    const { nowMs, random, wake } = this.#turn.inputs;
    if (this.phase === "welcomed") {
      const hasLasted = nowMs - this.#welcomedAtMs >= STABLE_AFTER_MS;
      this.#attempt = hasLasted ? 0 : this.#shortLives;
      this.#shortLives = hasLasted ? 0 : this.#shortLives + 1;
    } else this.#failures += 1;
    this.phase = "down";
    const serverMs = retryAfterOf(answer);
    this.#isServerWait = serverMs !== undefined;
    const attempt = this.#attempt + 1;
    const retryInMs = retryDelayMs(attempt, serverMs, random, wake.isHidden);
    this.#turn.timer(LINK_TIMER, retryInMs);
    this.#setState({ kind: "waiting", attempt, retryInMs, reason });
  }

  #closeForGood({ code, message }: Failure): void {
    this.phase = "down";
    this.#attempt = 0;
    this.#turn.cancel(LINK_TIMER);
    this.#setState({ kind: "closed", code, message });
  }

  #setState(state: ConnectionState): void {
    this.state = state;
    this.#turn.do({ kind: "state", state });
  }
}
