import type { Clock, Random } from "@parlor/base";
import type { AppendResult, Append, RoomLog, SignalBus } from "@parlor/log";
import type { Limits } from "@parlor/protocol";
import type { Counters } from "../room/counters.ts";
import type { EventLog } from "../room/event-log.ts";
import type { Authenticate, Authorize } from "./hooks.ts";
import type { Logger } from "../room/logger.ts";
import type { RoomRegistry } from "../room/room-registry.ts";
import type { PresenceRooms } from "../room/presence-rooms.ts";
import type { SignalRooms } from "../room/signal-rooms.ts";
import type { StateRooms } from "../room/state-rooms.ts";
import type { PageTurns } from "./page-turns.ts";
import type { PublishGate } from "./publish-gate.ts";
import type { RequestDesk } from "./request-desk.ts";
import type { Schemas } from "./schemas.ts";
import type { SignalRates } from "./signal-rates.ts";

/** What every session of one server shares. */
export interface Services {
  readonly log: RoomLog;
  readonly bus: SignalBus;
  readonly rooms: RoomRegistry;
  readonly states: StateRooms;
  readonly signals: SignalRooms;
  readonly presences: PresenceRooms;
  readonly signalRates: SignalRates;
  readonly gate: PublishGate;
  readonly pages: PageTurns;
  readonly requests: RequestDesk;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  readonly logger: Logger;
  readonly events: EventLog;
  readonly limits: Limits;
  readonly heartbeatMs: number;
  readonly authenticate: Authenticate | null;
  readonly authorize: Authorize | null;
  /** What the host declared; null for nothing. */
  readonly schemas: Schemas | null;
  readonly appends: AppendsInFlight;
  /** True from the first moment of a drain on. */
  isDraining: boolean;
}

/** Counts what the log has not answered yet, so that a drain can wait for it. */
export class AppendsInFlight {
  readonly #log: RoomLog;
  #count = 0;
  #idle: (() => void)[] = [];

  constructor(log: RoomLog) {
    this.#log = log;
  }

  async append(append: Append): Promise<AppendResult> {
    this.#count += 1;
    try {
      return await this.#log.append(append);
    } finally {
      this.#count -= 1;
      if (this.#count === 0) {
        for (const resolve of this.#idle.splice(0)) resolve();
      }
    }
  }

  /** Fulfils when the log has answered everything that was given to it. */
  idle(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }
}
