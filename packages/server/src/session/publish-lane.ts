import { TokenBucket } from "@parlor/base";
import type { Append } from "@parlor/log";
import type { Connection } from "./connection.ts";
import type { Refusal } from "./hooks.ts";
import { judge, type Judged } from "./judge.ts";
import {
  type PublishOutcome,
  type PublishRefusal,
  type PublishRequest,
  type Speaker,
} from "./publish-gate.ts";
import { newPublishing, stepPublishing, type PublishingEvent, type PublishingState } from "./publishing.ts";
import { refusalOf } from "./refusal-of.ts";
import type { Services } from "./services.ts";
import { unlessStored } from "./unless-stored.ts";

/** Producers' rows of one connection, one for each room, that are known to exist; beyond it the log is asked again. */
const MAX_KNOWN_ROWS = 1_000;

/** A peer that goes on sending after this many refusals by rate is closed 4003. */
const REFUSALS = { perSecond: 50, burst: 1_000 };

/** Refused publishes that the log is asked about; one that it has costs nothing. */
const FINDS = { perSecond: 50, burst: 1_000 };

/**
 * The publishes of one connection, of any transport: runs the publishing core against the hook, the
 * gate and the log, and hands each answer to `answer` when its turn has come.
 */
export class PublishLane {
  readonly #speaker: Speaker;
  readonly #services: Services;
  readonly #connection: Connection;
  readonly #answer: (request: PublishRequest, outcome: PublishOutcome) => void;
  readonly #state: PublishingState;
  #knownRows: Set<string> | null = null;
  #refusals: TokenBucket | null = null;
  #finds: TokenBucket | null = null;

  constructor(
    speaker: Speaker,
    services: Services,
    connection: Connection,
    answer: (request: PublishRequest, outcome: PublishOutcome) => void,
  ) {
    this.#speaker = speaker;
    this.#services = services;
    this.#connection = connection;
    this.#answer = answer;
    this.#state = newPublishing(
      services.limits.maxInFlight,
      services.authorize !== null || services.schemas !== null || services.files !== null,
    );
  }

  /** `formFault` is what the transport found wrong with its form already. */
  submit(request: PublishRequest, formFault: PublishRefusal | null = null): void {
    const { isDraining, gate } = this.#services;
    const fault = formFault ?? (isDraining ? DRAINING : gate.fault(request));
    this.#step({ kind: "submit", request, fault });
  }

  #step(event: PublishingEvent): void {
    for (const effect of stepPublishing(this.#state, event)) {
      switch (effect.kind) {
        case "authorize":
          this.#authorize(effect.ticket, effect.request);
          break;
        case "append":
          void this.#append(effect.ticket, effect.request);
          break;
        case "find":
          void this.#find(effect.ticket, effect.request, effect.refusal);
          break;
        case "answer":
          if (effect.outcome.kind === "refused") this.#noteRefusal(effect.outcome);
          this.#answer(effect.request, effect.outcome);
          break;
        case "pause-reading":
          this.#services.counters.readingPaused["in-flight"] += 1;
          this.#connection.pauseReading();
          break;
        case "resume-reading":
          this.#connection.resumeReading();
          break;
      }
    }
  }

  #authorize(ticket: number, { room, re, body, bodyJson }: PublishRequest): void {
    const { identity, address } = this.#speaker;
    const question = { identity, action: "publish", room, re, address } as const;
    const answer = judge(question, { body, bodyJson }, this.#services);
    const settle = (verdict: Judged | Refusal): void =>
      this.#step(
        "code" in verdict
          ? { kind: "authorized", ticket, refusal: { kind: "refused", ...verdict } }
          : { kind: "authorized", ticket, refusal: null, fitted: verdict },
      );
    if (answer instanceof Promise) void answer.then(settle);
    else settle(answer);
  }

  async #append(ticket: number, request: PublishRequest): Promise<void> {
    const { gate, clock, appends } = this.#services;
    const isKnown = this.#knownRows?.has(rowOf(request)) === true;
    const admission = gate.admit(this.#speaker, isKnown, clock.monotonic());
    let outcome: PublishOutcome;
    try {
      const append: Append = gate.append(request, this.#speaker, admission);
      const result = await appends.append(append);
      if (result.kind === "appended" || result.kind === "duplicate") this.#noteKnown(rowOf(request));
      outcome = gate.settle(result, request, this.#speaker, admission);
    } catch (error) {
      gate.abandon(this.#speaker, admission);
      outcome = { kind: "refused", ...refusalOf(error, this.#services) };
    }
    this.#step({ kind: "settled", ticket, outcome });
  }

  async #find(ticket: number, request: PublishRequest, refusal: PublishRefusal): Promise<void> {
    const outcome = await this.#unlessStored(request, refusal);
    this.#step({ kind: "settled", ticket, outcome });
  }

  async #unlessStored(request: PublishRequest, refusal: PublishRefusal): Promise<PublishOutcome> {
    const now = this.#services.clock.monotonic();
    const finds = (this.#finds ??= new TokenBucket(FINDS.perSecond, FINDS.burst, now));
    // Intentionally not the refusal: it may be stored, and so it is to be sent again.
    if (!finds.take(now)) return { ...TOO_MANY_REFUSED, retryAfterMs: finds.waitMs(now) };
    const outcome = await unlessStored(request, this.#speaker, refusal, this.#services);
    if (outcome.kind === "ack") finds.refund();
    return outcome;
  }

  #noteKnown(row: string): void {
    const known = (this.#knownRows ??= new Set());
    if (known.size >= MAX_KNOWN_ROWS) known.clear();
    known.add(row);
  }

  #noteRefusal(refusal: PublishRefusal): void {
    if (refusal.code !== "rate-limited") return;
    const now = this.#services.clock.monotonic();
    this.#refusals ??= new TokenBucket(REFUSALS.perSecond, REFUSALS.burst, now);
    if (!this.#refusals.take(now)) {
      this.#connection.close("rateLimited", "publishes went on after a thousand refusals");
    }
  }
}

/** No producer's id has a slash. */
function rowOf({ room, producer }: PublishRequest): string {
  return producer === undefined ? room : `${producer}/${room}`;
}

const TOO_MANY_REFUSED: PublishRefusal = {
  kind: "refused",
  code: "rate-limited",
  message: "Publishes that are refused come faster than they can be looked up.",
};

const DRAINING: PublishRefusal = {
  kind: "refused",
  code: "draining",
  message: "The server is stopping and takes nothing new; send it again after coming back.",
  retryAfterMs: 1_000,
};
