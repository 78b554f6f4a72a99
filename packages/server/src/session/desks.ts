import type { ServerFrame, SubscribeFrame } from "@parlor/protocol";
import type { Connection } from "./connection.ts";
import type { Refusal } from "./hooks.ts";
import { PresenceDesk } from "./presence-desk.ts";
import type { Services } from "./services.ts";
import type { SessionState, Who } from "./session-core.ts";
import { type PreparedSignals, SignalDesk } from "./signal-desk.ts";
import { StateDesk } from "./state-desk.ts";

/** Whose desks they are. */
export interface DesksOf {
  readonly connection: Connection;
  readonly services: Services;
  readonly state: SessionState;
  readonly send: (frame: ServerFrame) => void;
}

/** What a subscription has asked for beside messages, before it starts. */
export interface PreparedDesks {
  /** Why there is to be no subscription; null for nothing. */
  readonly refusal: Refusal | null;
  /** From now on it hears, and is shown. */
  start(): void;
  giveUp(): void;
}

const NOTHING_PREPARED: PreparedDesks = { refusal: null, start: () => undefined, giveUp: () => undefined };

/** What of one connection goes beside messages, each made when it is first used: most connections use none. */
export class Desks {
  readonly #of: DesksOf;
  #states: StateDesk | null = null;
  #signals: SignalDesk | null = null;
  #presences: PresenceDesk | null = null;
  /** Wall clock of the welcome, ms. */
  #welcomedAt = 0;

  constructor(of: DesksOf) {
    this.#of = of;
  }

  get states(): StateDesk {
    const { connection, services, state, send } = this.#of;
    const { producer } = state;
    return (this.#states ??= new StateDesk({ connection, services, who: state.who as Who, producer, send }));
  }

  get signals(): SignalDesk {
    const { connection, services, state, send } = this.#of;
    const { producer, who } = state;
    const identity = who?.identity ?? "";
    return (this.#signals ??= new SignalDesk({ connection, services, identity, producer, refuse: send }));
  }

  get presences(): PresenceDesk {
    const { connection, services, state } = this.#of;
    const self = {
      identity: state.who?.identity ?? "",
      profileJson: state.profileJson,
      at: this.#welcomedAt,
    };
    return (this.#presences ??= new PresenceDesk({ connection, services, self }));
  }

  /** A fresh token does not make the profile newer. */
  welcomed(at: number): void {
    this.#welcomedAt ||= at;
  }

  /** Before a room is begun with, so that from `subscribed` on nothing is left out. Rejects as the log does. */
  prepare(frame: SubscribeFrame): PreparedDesks | Promise<PreparedDesks> {
    const { signals = false, presence = false } = frame;
    return signals === false && presence === false ? NOTHING_PREPARED : this.#prepare(frame);
  }

  async #prepare({ room, signals = false, heard, presence = false }: SubscribeFrame): Promise<PreparedDesks> {
    const refusal = presence === false ? null : await this.presences.prepare(room);
    let prepared: PreparedSignals | null = null;
    if (refusal === null && signals !== false) {
      prepared = await this.signals.prepare(room, signals === true ? "single" : signals, heard);
    }
    return {
      refusal,
      start: () => {
        prepared?.start();
        if (presence !== false) this.presences.join(room, presence);
      },
      giveUp: () => prepared?.giveUp(),
    };
  }

  isPresentIn(room: string): boolean {
    return this.#presences?.has(room) === true;
  }

  leave(room: string): void {
    this.#signals?.stopReading(room);
    this.#states?.stopReading(room);
    this.#presences?.leave(room);
  }

  takesState(): void {
    this.#states?.drained();
  }

  ponged(): void {
    this.#states?.ponged();
  }

  drained(): void {
    this.#states?.drained();
    this.#presences?.drained();
  }

  /** What the next connection of the same client may go on from. */
  leaveMarks(): void {
    this.#signals?.leaveMarks();
  }

  closed(): void {
    this.#states?.closed();
    this.#signals?.closed();
    this.#presences?.closed();
  }
}
