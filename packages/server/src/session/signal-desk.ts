import { bodyToJson, isReservedRoom, type ErrorFrame, type SignalFrame } from "@parlor/protocol";
import type { SignalReader, SignalRoom } from "../room/signal-room.ts";
import type { SignalForm } from "../room/signal-frames.ts";
import type { Connection } from "./connection.ts";
import type { Refusal } from "./hooks.ts";
import { judge, type Judged } from "./judge.ts";
import type { Services } from "./services.ts";
import { signalCost, type SignalRate } from "./signal-rates.ts";

/** Whose desk it is. */
export interface SignalDeskOf {
  readonly connection: Connection;
  readonly services: Services;
  readonly identity: string;
  readonly producer: string;
  refuse(frame: ErrorFrame): void;
}

/** A subscription's wish for signals, between its hearing of the bus and its start. */
export interface PreparedSignals {
  /** Signals that come from now on are told. */
  start(): void;
  /** There will be no subscription. */
  giveUp(): void;
}

/** Signals of one connection that wait for a slow hook; more are dropped. */
const MAX_ASKED = 64;

/** The least time between two words that signals come too fast, ms. */
const WORDS_EVERY_MS = 1_000;

const TOO_FAST: Refusal = {
  code: "rate-limited",
  message: "Signals come faster than the rate allows; those above it are dropped.",
  retryAfterMs: WORDS_EVERY_MS,
};

/**
 * Signals, as one connection has them: the rooms whose signals it hears, and those it sends. What is too much
 * is dropped at once, and said so once a second at most; nothing waits but for the host's hook.
 *
 * Rules: docs/protocol.md, SIGNAL-.
 */
export class SignalDesk {
  readonly #of: SignalDeskOf;
  readonly #readers = new Map<string, { readonly room: SignalRoom; readonly reader: SignalReader }>();
  #rate: SignalRate | null = null;
  #lastWordsMs = -Infinity;
  /** The last that waits for a hook; null while none does. */
  #asked: Promise<void> | null = null;
  #askedCount = 0;
  #isClosed = false;

  constructor(of: SignalDeskOf) {
    this.#of = of;
  }

  /** Fulfils when whatever is said from now on, in whichever process, would be heard. */
  async prepare(name: string, form: SignalForm, heard?: string): Promise<PreparedSignals> {
    const { services, connection, identity, producer } = this.#of;
    const room = services.signals.acquire(name);
    await room.ready;
    const reader: SignalReader = {
      form,
      from: identity,
      producer,
      get takesSignals() {
        return connection.takesSignals;
      },
      sendSignals: (frames) => connection.sendShared(frames),
    };
    return {
      start: () => {
        this.stopReading(name);
        this.#readers.set(name, { room, reader });
        room.join(reader, heard);
      },
      giveUp: () => services.signals.release(room),
    };
  }

  stopReading(name: string): void {
    const reading = this.#readers.get(name);
    if (reading === undefined) return;
    this.#readers.delete(name);
    reading.room.leave(reading.reader);
    this.#of.services.signals.release(reading.room);
  }

  /** Says where the signals of each room end, where the next connection may go on. */
  leaveMarks(): void {
    const { connection, services } = this.#of;
    if (connection.goesOnFrom === undefined) return;
    for (const { room, reader } of this.#readers.values()) {
      if (reader.form !== "batched") continue;
      services.signals.keepRecent(room);
      connection.goesOnFrom(room.name, room.mark);
    }
  }

  closed(): void {
    this.#isClosed = true;
    for (const name of [...this.#readers.keys()]) this.stopReading(name);
  }

  take(frame: SignalFrame): void {
    const { services, connection } = this.#of;
    const bodyJson = bodyToJson(frame.body) as string;
    const bodyBytes = Buffer.byteLength(bodyJson);
    const nowMs = services.clock.monotonic();
    if (!this.#rateOf(nowMs).take(signalCost(bodyBytes), nowMs)) return this.#drop(frame, nowMs);
    const fault = this.#fault(frame, bodyBytes);
    if (fault !== null) return this.#refuse(frame, fault);
    const { address } = connection;
    const question = { identity: this.#of.identity, action: "signal", room: frame.room, address } as const;
    const ask = (): Judged | Refusal | Promise<Judged | Refusal> =>
      judge(question, { body: frame.body, bodyJson }, services);
    if (this.#asked === null) {
      const verdict = ask();
      if (!(verdict instanceof Promise)) return this.#judged(frame, verdict);
      return this.#wait(async () => this.#judged(frame, await verdict));
    }
    // Behind those that wait, so that what one connection says stays in its order.
    if (this.#askedCount >= MAX_ASKED) {
      services.counters.signalsDropped += 1;
      connection.unanswered?.();
      return;
    }
    const before = this.#asked;
    this.#wait(async () => {
      await before;
      this.#judged(frame, await ask());
    });
  }

  #wait(work: () => Promise<void>): void {
    this.#askedCount += 1;
    const asked = work().finally(() => {
      this.#askedCount -= 1;
      if (this.#asked === asked) this.#asked = null;
    });
    this.#asked = asked;
  }

  #judged(frame: SignalFrame, verdict: Judged | Refusal): void {
    if (this.#isClosed) return;
    if ("code" in verdict) return this.#refuse(frame, verdict);
    const { bodyJson } = verdict;
    const { services, identity, producer, connection } = this.#of;
    services.signals.send(frame.room, { from: identity, producer, bodyJson });
    connection.unanswered?.();
  }

  #rateOf(nowMs: number): SignalRate {
    const { services, connection, identity } = this.#of;
    this.#rate ??=
      connection.isOneRequest === true
        ? services.signalRates.ofSender(identity, connection.address)
        : services.signalRates.ofConnection(nowMs);
    return this.#rate;
  }

  #fault({ room }: SignalFrame, bodyBytes: number): Refusal | null {
    const { maxBodyBytes } = this.#of.services.limits;
    if (isReservedRoom(room)) {
      const message = "Rooms whose name begins with @ are spoken to by the server alone.";
      return { code: "forbidden", message };
    }
    if (bodyBytes <= maxBodyBytes) return null;
    return { code: "too-large", message: `The body is over ${maxBodyBytes} bytes of JSON.` };
  }

  #drop(frame: SignalFrame, nowMs: number): void {
    const { services, connection } = this.#of;
    services.counters.signalsDropped += 1;
    if (nowMs - this.#lastWordsMs < WORDS_EVERY_MS) return connection.unanswered?.();
    this.#lastWordsMs = nowMs;
    this.#refuse(frame, TOO_FAST);
  }

  #refuse({ room }: SignalFrame, refusal: Refusal): void {
    this.#of.refuse({ type: "error", to: "signal", room, ...refusal });
  }
}
