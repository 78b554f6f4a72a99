import type { Append, AppendResult } from "@parlor/log";
import { isReservedRoom, type Echo, type ErrorCode } from "@parlor/protocol";
import type { Counters } from "../room/counters.ts";
import type { Rates } from "./rates.ts";

/** One publish, checked in form, from whatever transport. */
export interface PublishRequest {
  readonly room: string;
  readonly seq: number;
  readonly afterSeq: number;
  readonly re: number | undefined;
  readonly body: unknown;
  /** The body as JSON text: what is stored, counted and sent. */
  readonly bodyJson: string;
  /** Whose seq it is; the speaker's where none is named. */
  readonly producer?: string | undefined;
}

/** Who publishes, and what counts against whom. */
export interface Speaker {
  readonly identity: string;
  readonly producer: string;
  readonly address: string;
  /** The host's hook said who it is; a new producer then costs nothing. */
  readonly isAuthenticated: boolean;
  /** Whether the producer comes back, so that a row is worth having. */
  readonly remember: boolean;
}

export type PublishOutcome =
  | {
      readonly kind: "ack";
      readonly epoch: string;
      readonly offset: number | undefined;
      readonly isDuplicate: boolean;
    }
  | PublishRefusal;

export interface PublishRefusal {
  readonly kind: "refused";
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
  /** With `out-of-order`: the seq to go on from. */
  readonly expected?: number | undefined;
  /** What can be repeated of a frame so malformed that it names no publish: it is answered with an `error`. */
  readonly unnamed?: Echo | undefined;
}

/** What the rates gave for one publish, and what must be given back if it turns out to cost nothing. */
export interface Admission {
  readonly admit: Append["admit"];
  readonly tookPublish: boolean;
  readonly tookProducer: boolean;
  /** When the missing token is there, in ms. */
  readonly retryAfterMs: number;
}

/**
 * What every publish passes on its way to the log, in this order: form, right (asked by the caller,
 * since a host's hook may take its time), rate, log. The same for all transports.
 *
 * Rates are taken before the log is asked and given back when the log answers that it has the message
 * already, so that a repetition costs nothing; a publish beyond the rate still reaches the log, which
 * answers it if it is a duplicate and stores nothing otherwise.
 */
export class PublishGate {
  readonly #rates: Rates;
  readonly #counters: Counters;
  readonly #maxBodyBytes: number;

  constructor(rates: Rates, counters: Counters, maxBodyBytes: number) {
    this.#rates = rates;
    this.#counters = counters;
    this.#maxBodyBytes = maxBodyBytes;
  }

  /** What is wrong with a publish whoever sends it; null where nothing is. */
  fault(request: PublishRequest): PublishRefusal | null {
    if (isReservedRoom(request.room)) {
      return refused("forbidden", "Rooms whose name begins with @ are written by the server alone.");
    }
    // Most bodies are far below: UTF-8 has at most three bytes for a UTF-16 unit.
    if (
      request.bodyJson.length * 3 > this.#maxBodyBytes &&
      Buffer.byteLength(request.bodyJson) > this.#maxBodyBytes
    ) {
      return refused("too-large", `The body is over ${this.#maxBodyBytes} bytes of JSON.`);
    }
    return null;
  }

  /** Takes what the rates give. `isKnown` says that this producer already has a row in this room. */
  admit(speaker: Speaker, isKnown: boolean, nowMs: number): Admission {
    const publishWaitMs = this.#rates.takePublish(speaker.identity, speaker.address, nowMs);
    if (publishWaitMs > 0) {
      return { admit: "duplicate", tookPublish: false, tookProducer: false, retryAfterMs: publishWaitMs };
    }
    if (isKnown || !speaker.remember || speaker.isAuthenticated) {
      return { admit: "any", tookPublish: true, tookProducer: false, retryAfterMs: 0 };
    }
    const producerWaitMs = this.#rates.takeProducer(speaker.identity, speaker.address, nowMs);
    return producerWaitMs > 0
      ? { admit: "known-producer", tookPublish: true, tookProducer: false, retryAfterMs: producerWaitMs }
      : { admit: "any", tookPublish: true, tookProducer: true, retryAfterMs: 0 };
  }

  append(request: PublishRequest, speaker: Speaker, admission: Admission): Append {
    return {
      room: request.room,
      from: speaker.identity,
      producer: request.producer ?? speaker.producer,
      seq: request.seq,
      afterSeq: request.afterSeq,
      re: request.re,
      bodyJson: request.bodyJson,
      remember: speaker.remember,
      admit: admission.admit,
    };
  }

  /** Puts the log's answer into words, and gives back what it shows not to have been used. */
  settle(
    result: AppendResult,
    request: PublishRequest,
    speaker: Speaker,
    admission: Admission,
  ): PublishOutcome {
    const usedProducer = result.kind === "appended" && result.newProducer;
    if (admission.tookProducer && !usedProducer)
      this.#rates.refundProducer(speaker.identity, speaker.address);
    if (admission.tookPublish && result.kind !== "appended") {
      this.#rates.refundPublish(speaker.identity, speaker.address);
    }
    switch (result.kind) {
      case "appended":
        this.#counters.published += 1;
        this.#counters.publishedBytes += request.bodyJson.length;
        return { kind: "ack", epoch: result.epoch, offset: result.offset, isDuplicate: false };
      case "duplicate":
        this.#counters.duplicates += 1;
        return { kind: "ack", epoch: result.epoch, offset: result.offset, isDuplicate: true };
      case "out-of-order":
        return {
          ...refused("out-of-order", `This publish relies on seq ${request.afterSeq}, which is not stored.`),
          expected: result.expected,
        };
      case "unknown-producer":
        return refused(
          "unknown-producer",
          `This publish relies on seq ${request.afterSeq} of a producer that is not known here.`,
        );
      case "not-admitted": {
        const what = admission.admit === "duplicate" ? "Publishes" : "New producers";
        return {
          ...refused("rate-limited", `${what} come faster than the rate allows; nothing was stored.`),
          retryAfterMs: admission.retryAfterMs,
        };
      }
    }
  }

  /** Takes what one change of state costs: the same as a publish. In how many ms to ask again; 0: taken. */
  takeSet(identity: string, address: string, nowMs: number): number {
    return this.#rates.takePublish(identity, address, nowMs);
  }

  /** Gives it back, for a change that was not made. */
  refundSet(identity: string, address: string): void {
    this.#rates.refundPublish(identity, address);
  }

  /** Gives back what was taken for a publish whose append failed: the outcome is unknown, or it was not tried. */
  abandon(speaker: Speaker, admission: Admission): void {
    if (admission.tookProducer) this.#rates.refundProducer(speaker.identity, speaker.address);
    if (admission.tookPublish) this.#rates.refundPublish(speaker.identity, speaker.address);
  }
}

export function refused(code: ErrorCode, message: string): PublishRefusal {
  return { kind: "refused", code, message };
}
