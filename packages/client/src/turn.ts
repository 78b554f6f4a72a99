import type { Random } from "@parlor/base";
import { encodeFrame, type ClientFrame } from "@parlor/protocol";
import { retryAfterOf, retryDelayMs } from "./reconnect.ts";
import type { ClientEffect, Outcome, RoomNotice, Ticket } from "./effects.ts";
import type { WakeSource } from "./wake.ts";

/** What a step may use of the world, given to it from outside. */
export interface StepInputs {
  /** Monotonic milliseconds. */
  readonly nowMs: number;
  /** Milliseconds since 1970, which go on while the machine sleeps; they may jump. */
  readonly wallMs: number;
  readonly random: Random;
  readonly wake: Pick<WakeSource, "isOffline" | "isHidden">;
}

/**
 * One step of the core: what it was given, and what it wants done. The parts of the core share the
 * object, which `begin` makes that of the next step.
 */
export class Turn {
  /** Of the step that is under way. */
  inputs!: StepInputs;
  effects: ClientEffect[] = [];

  begin(inputs: StepInputs): void {
    this.inputs = inputs;
    this.effects = [];
  }

  do(effect: ClientEffect): void {
    this.effects.push(effect);
  }

  send(frame: ClientFrame | string): void {
    this.do({ kind: "send", text: typeof frame === "string" ? frame : encodeFrame(frame) });
  }

  timer(name: string, afterMs: number): void {
    this.do({ kind: "timer", name, afterMs });
  }

  /** How long to wait before try number `attempt`, from 1, after that answer, which may name the time. */
  delayMs(attempt: number, answer: { readonly retryAfterMs?: unknown } | null): number {
    return retryDelayMs(attempt, retryAfterOf(answer), this.inputs.random);
  }

  cancel(name: string): void {
    this.do({ kind: "cancel", name });
  }

  settle(ticket: Ticket, outcome: Outcome): void {
    this.do({ kind: "settle", ticket, outcome });
  }

  tell(room: string, notice: RoomNotice): void {
    this.do({ kind: "room", room, notice });
  }
}
