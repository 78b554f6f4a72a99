import { CodedError, type TimerHandle } from "@parlor/base";
import { bodyToJson, isReservedRoom, type ServerFrame, type SetFrame } from "@parlor/protocol";
import type { SharedFrames } from "../room/shared-frames.ts";
import { StateReader, type StateSink } from "../room/state-reader.ts";
import { askAuthorize } from "./ask-hooks.ts";
import type { Connection } from "./connection.ts";
import type { Refusal } from "./hooks.ts";
import { judge, type Judged } from "./judge.ts";
import { refusalOf } from "./refusal-of.ts";
import type { Services } from "./services.ts";
import type { Who } from "./session-core.ts";
import { DEAF_AFTER_MS, StatePace } from "./state-pace.ts";

/** Whose desk it is. */
export interface StateDeskOf {
  readonly connection: Connection;
  readonly services: Services;
  readonly who: Who;
  readonly producer: string;
  send(frame: ServerFrame): void;
}

const PING = JSON.stringify({ type: "ping" });

/**
 * State, as one connection has it: the rooms whose state it reads, and the keys it sets.
 *
 * Changes of one connection are asked for and written in the order in which they came, whatever a hook takes
 * its time over; beyond `maxInFlight` that are not written yet nothing more is read from it. A change costs
 * what a publish costs.
 *
 * Rules: docs/protocol.md, STATE-.
 */
export class StateDesk implements StateSink {
  readonly #of: StateDeskOf;
  readonly #readers = new Map<string, StateReader>();
  /** null where the peer can't be asked how far it has read. */
  readonly #pace: StatePace | null;
  readonly #unwatch: (() => void) | null = null;
  #askTimer: TimerHandle | null = null;
  #inOrder: Promise<void> = Promise.resolve();
  #unwritten = 0;
  #isPaused = false;
  #isClosed = false;

  constructor(of: StateDeskOf) {
    this.#of = of;
    const { pongs } = of.connection;
    this.#pace = pongs === "never" ? null : new StatePace(pongs);
    if (pongs !== "apart") return;
    const { services, who, producer } = of;
    this.#unwatch = services.pongs.watch(who.identity, producer, () => this.ponged());
  }

  takes(isBegun: boolean): boolean {
    const { connection } = this.#of;
    // Without its end a whole state is of no use, so only what may wait at all bounds it.
    if (isBegun) return connection.isWritable || connection.takesWholeState === true;
    if (this.#pace?.isOpen === false) {
      this.#waitForAnswer();
      return false;
    }
    return connection.takesState;
  }

  sendState(frames: SharedFrames): void {
    const { connection, services } = this.#of;
    connection.sendShared(frames);
    const [text = ""] = frames.texts;
    if (this.#pace?.sent(text.length, services.clock.monotonic()) === true) connection.send(PING);
  }

  ponged(): void {
    if (this.#pace === null) return;
    const { connection, services } = this.#of;
    if (this.#pace.ponged(services.clock.monotonic())) connection.send(PING);
    this.drained();
  }

  /** Rejects as the log does. `asked` is what `subscribe` says: `true`, or the version seen last. */
  async read(room: string, asked: number | true, isWanted: () => boolean): Promise<void> {
    const { states } = this.#of.services;
    const state = await states.acquire(room);
    if (this.#isClosed || !isWanted()) return states.release(state);
    this.stopReading(room);
    const reader = new StateReader(state, this, asked === true ? null : asked);
    this.#readers.set(room, reader);
    reader.pump();
  }

  stopReading(room: string): void {
    const reader = this.#readers.get(room);
    if (reader === undefined) return;
    this.#readers.delete(room);
    reader.close();
    this.#of.services.states.release(reader.room);
  }

  drained(): void {
    const [first] = this.#readers;
    for (const reader of this.#readers.values()) reader.pump();
    // Another one is first the next time: none shall starve behind a room that changes all the time.
    if (first === undefined || this.#readers.size < 2) return;
    this.#readers.delete(first[0]);
    this.#readers.set(...first);
  }

  closed(): void {
    this.#isClosed = true;
    this.#unwatch?.();
    if (this.#askTimer !== null) this.#of.services.clock.cancel(this.#askTimer);
    for (const room of [...this.#readers.keys()]) this.stopReading(room);
  }

  /**
   * A peer that is stopped has answered before it was; one that never has may not know what a ping is. A pong that
   * comes by another request may be lost on its way, so where one is late another ping goes.
   */
  #waitForAnswer(): void {
    const pace = this.#pace;
    const { connection, services } = this.#of;
    if (pace === null || this.#askTimer !== null) return;
    if (pace.hasAnswered && connection.pongs === "here") return;
    this.#askTimer = services.clock.after(DEAF_AFTER_MS, () => {
      this.#askTimer = null;
      if (pace.isOpen) return;
      if (pace.hasAnswered) {
        if (connection.pongs === "here") return;
        connection.send(PING);
        return this.#waitForAnswer();
      }
      pace.isDeafNow();
      this.drained();
    });
  }

  set(frame: SetFrame): void {
    this.#unwritten += 1;
    if (!this.#isPaused && this.#unwritten >= this.#of.services.limits.maxInFlight) {
      this.#isPaused = true;
      this.#of.services.counters.readingPaused["in-flight"] += 1;
      this.#of.connection.pauseReading();
    }
    this.#inOrder = this.#inOrder.then(() => this.#begin(frame));
  }

  /** Fulfils when it is on its way to the log, or refused; what becomes of it then is told by itself. */
  async #begin(frame: SetFrame): Promise<void> {
    if (this.#isClosed) return;
    const { services, who } = this.#of;
    const valueJson = bodyToJson(frame.value) as string;
    const fault = this.#fault(frame, valueJson);
    if (fault !== null) return this.#settle(frame, fault);
    const judged = await this.#ask(frame, valueJson);
    if ("code" in judged) return this.#settle(frame, judged);
    const refusal = this.#rate();
    if (refusal !== null) return this.#settle(frame, refusal);
    try {
      const state = await services.states.acquire(frame.room);
      const setting = state.set(frame.key, judged.bodyJson, who.identity);
      setting
        .then(
          (version) => this.#settle(frame, version),
          (error: unknown) => this.#failed(frame, error),
        )
        .finally(() => services.states.release(state));
    } catch (error) {
      this.#failed(frame, error);
    }
  }

  #fault({ room, key }: SetFrame, valueJson: string): Refusal | null {
    const { isDraining, limits } = this.#of.services;
    if (isDraining)
      return { code: "draining", message: "The server is stopping; come back.", retryAfterMs: 1_000 };
    if (isReservedRoom(room)) {
      const message = "Rooms whose name begins with @ are written by the server alone.";
      return { code: "forbidden", message };
    }
    if (!key.isWellFormed()) return { code: "bad-frame", message: "`key` has half a character in it." };
    if (Buffer.byteLength(valueJson) <= limits.maxBodyBytes) return null;
    return { code: "too-large", message: `The value is over ${limits.maxBodyBytes} bytes of JSON.` };
  }

  async #ask({ room, value }: SetFrame, valueJson: string): Promise<Judged | Refusal> {
    const { services, who, connection } = this.#of;
    const { address } = connection;
    const question = { identity: who.identity, action: "set", room, address } as const;
    const judged = { body: value, bodyJson: valueJson };
    // Null removes the key, whatever its values are.
    if (value !== null) return judge(question, judged, services);
    const verdict = await askAuthorize(services.authorize, { ...question, body: null }, services);
    return verdict === true ? judged : verdict;
  }

  #rate(): Refusal | null {
    const { services, who, connection } = this.#of;
    const waitMs = services.gate.takeSet(who.identity, connection.address, services.clock.monotonic());
    if (waitMs === 0) return null;
    const message = "Changes come faster than the rate allows; this one was not made.";
    return { code: "rate-limited", message, retryAfterMs: waitMs };
  }

  #failed(frame: SetFrame, error: unknown): void {
    const { services, who, connection } = this.#of;
    services.gate.refundSet(who.identity, connection.address);
    const isTooLarge = error instanceof CodedError && error.code === "too-large";
    this.#settle(
      frame,
      isTooLarge ? { code: "too-large", message: error.message } : refusalOf(error, services),
    );
  }

  #settle({ room, key, id }: SetFrame, outcome: number | Refusal): void {
    this.#unwritten -= 1;
    if (this.#isPaused && this.#unwritten < this.#of.services.limits.maxInFlight) {
      this.#isPaused = false;
      this.#of.connection.resumeReading();
    }
    if (this.#isClosed) return;
    const named = id === undefined ? {} : { id };
    if (typeof outcome !== "number") {
      this.#of.send({ type: "error", to: "set", room, key, ...named, ...outcome });
    } else if (id === undefined) this.#of.connection.unanswered?.();
    else this.#of.send({ type: "reply", id, result: { version: outcome } });
  }
}
