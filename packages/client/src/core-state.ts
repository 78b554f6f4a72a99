import { DEFAULT_LIMITS, type Limits } from "@parlor/protocol";
import { newConnection, type Connection } from "./connection.ts";
import { newCursor, type Cursor } from "./cursor.ts";
import type { ClientEffect, StepInputs } from "./effects.ts";
import {
  addHistoryRequest,
  newHistoryRequests,
  pumpHistory,
  type HistoryRequests,
} from "./history-requests.ts";
import { newOutbox, type Outbox, type OutboxLimits } from "./outbox-state.ts";
import { canSend, pumpOutbox, stepOutbox, type OutboxEvent } from "./outbox.ts";
import { SETTLING_PAGE_MESSAGES } from "./settle.ts";

/** All that a client knows; `client-core.ts` says what happens to it. */
export interface ClientCore {
  readonly settings: CoreSettings;
  readonly connection: Connection;
  readonly rooms: Map<string, RoomCore>;
  readonly history: HistoryRequests;
  /** Who the server took this client to be at the last welcome. */
  identity: string | null;
  /** The defaults, until a welcome tells the server's. */
  limits: Limits;
  /** Publishes under way on this connection, over all rooms. */
  inFlight: number;
  /** Rooms that could send more if more were allowed to be under way. */
  readonly starved: Set<RoomCore>;
}

export interface CoreSettings {
  readonly key: string | undefined;
  readonly producer: string;
  readonly profile: Readonly<Record<string, unknown>> | undefined;
  readonly outbox: OutboxLimits;
}

export interface RoomCore {
  readonly cursor: Cursor;
  readonly outbox: Outbox;
  /** The newest epoch that the server told of this room; empty before. */
  epoch: string;
}

export function newClientCore(settings: CoreSettings): ClientCore {
  return {
    settings,
    connection: newConnection(),
    rooms: new Map(),
    history: newHistoryRequests(),
    identity: null,
    limits: DEFAULT_LIMITS,
    inFlight: 0,
    starved: new Set(),
  };
}

/** The room of that name; made where there is none. */
export function roomOf(core: ClientCore, name: string): RoomCore {
  let room = core.rooms.get(name);
  if (room === undefined) {
    const { producer, outbox } = core.settings;
    room = { cursor: newCursor(name), outbox: newOutbox(name, producer, outbox), epoch: "" };
    core.rooms.set(name, room);
  }
  return room;
}

/** Steps one outbox, keeps the count of what is under way, and sends what may go out now. */
export function driveOutbox(
  core: ClientCore,
  room: RoomCore,
  event: OutboxEvent,
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  const before = room.outbox.inFlight;
  stepOutbox(room.outbox, event, inputs, effects);
  core.inFlight += room.outbox.inFlight - before;
  pumpRoom(core, room, effects);
  if (core.starved.size > 0 && budgetOf(core) > 0) {
    for (const other of [...core.starved]) pumpRoom(core, other, effects);
  }
}

/**
 * Publishes go out behind the welcome only: it tells who this client is taken for, and what may have
 * been stored for one identity must not be sent again blindly by another.
 */
function pumpRoom(core: ClientCore, room: RoomCore, effects: ClientEffect[]): void {
  core.starved.delete(room);
  const { connection, identity } = core;
  if (connection.phase !== "welcomed" || identity === null) return;
  const { outbox, cursor } = room;
  const { settling } = outbox;
  if (settling !== null && !settling.isAsked && !outbox.isWaiting) {
    settling.isAsked = true;
    const query = { room: outbox.room, before: settling.before, limit: SETTLING_PAGE_MESSAGES };
    addHistoryRequest(core.history, query, { kind: "outbox" }, effects);
    pumpHistory(core.history, effects);
  }
  // A server that said `bye` takes nothing new; the next connection does.
  if (connection.farewell !== null) return;
  const before = outbox.inFlight;
  pumpOutbox(outbox, identity, cursor.position, budgetOf(core), effects);
  core.inFlight += outbox.inFlight - before;
  if (canSend(outbox)) core.starved.add(room);
}

function budgetOf(core: ClientCore): number {
  return core.limits.maxInFlight - core.inFlight;
}
