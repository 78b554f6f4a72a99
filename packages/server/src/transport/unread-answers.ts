import type { ServerResponse } from "node:http";
import type { Counters } from "../room/counters.ts";
import type { Heartbeat, Living } from "../session/heartbeat.ts";
import type { LifeObservation } from "../session/life.ts";
import type { SendPressure } from "./send-pressure.ts";
import { SocketWriter } from "./socket-writer.ts";

/**
 * Answers that are written whole and wait for their peers to take them. A peer that takes nothing for as long
 * as makes a connection slow is cut, so that no answer, and no socket under it, stays for ever.
 *
 * Rule: docs/protocol.md [GROW-66].
 */
export class UnreadAnswers {
  readonly #counters: Counters;
  readonly #pressure: SendPressure;
  readonly #heartbeat: Heartbeat;
  readonly #followed = new WeakSet<ServerResponse>();

  constructor(counters: Counters, pressure: SendPressure, heartbeat: Heartbeat) {
    this.#counters = counters;
    this.#pressure = pressure;
    this.#heartbeat = heartbeat;
  }

  /** Watches over an answer that has ended, until it is taken. One that goes on has its own watch. */
  watch(response: ServerResponse): void {
    if (response.writableEnded) this.follow(response);
  }

  /** Watches over an answer that goes on at the pace of who reads it. */
  follow(response: ServerResponse): void {
    if (response.writableFinished || response.destroyed || this.#followed.has(response)) return;
    this.#followed.add(response);
    const answer = new UnreadAnswer(response, this.#pressure, this.#counters);
    this.#heartbeat.watch(answer);
    response.once("close", () => this.#heartbeat.unwatch(answer));
  }
}

class UnreadAnswer implements Living {
  readonly hasSaidHello = true;
  readonly expiresAt = null;
  readonly #response: ServerResponse;
  readonly #writer: SocketWriter;
  readonly #counters: Counters;

  constructor(response: ServerResponse, pressure: SendPressure, counters: Counters) {
    this.#response = response;
    this.#writer = new SocketWriter(response.req.socket, pressure, counters, response);
    this.#counters = counters;
  }

  observe(): LifeObservation {
    // The peer has nothing to say and gets nothing more; only whether it takes what there is counts.
    return { ...this.#writer.observe(), received: true, sent: true };
  }

  giveUp(): void {
    if (!this.#response.destroyed) {
      this.#counters.slowCloses += 1;
      this.#counters.closes.slow += 1;
    }
    this.#response.destroy();
  }

  ping(): void {}
  expire(): void {}
}
