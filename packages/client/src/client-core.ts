import {
  decodeServerFrame,
  encodeFrame,
  PROTOCOL_VERSION,
  type HelloFrame,
  type Position,
} from "@parlor/protocol";
import { isLinked, stepConnection, type ConnectionEvent } from "./connection.ts";
import { driveOutbox, roomOf, type ClientCore, type RoomCore } from "./core-state.ts";
import { retryTimer, stepCursor, type Wanted } from "./cursor.ts";
import type { ClientEffect, Failure, StepInputs } from "./effects.ts";
import {
  addHistoryRequest,
  endHistory,
  failRequest,
  pumpHistory,
  unlinkHistory,
  type HistoryQuery,
} from "./history-requests.ts";
import { outboxTimer } from "./outbox-state.ts";
import type { CheckedBody } from "./publish-body.ts";
import { takeFrame } from "./server-frame.ts";
import type { TransportClose, TransportKind } from "./transports/transport.ts";

/**
 * The client as one step: what the application, the transport and the timers say goes in, what is to be
 * done comes out. No socket, no clock, no randomness and no storage is touched here, so one seed replays
 * a whole client.
 *
 * Owns:     which part hears of what, and what a new or lost link means for all of them.
 * Leaves:   the link's life (connection.ts), one room's cursor (cursor.ts) and outbox (outbox.ts), pages
 *           of history (history-requests.ts), and doing the effects (client-shell.ts).
 */
export type ClientEvent =
  | {
      readonly kind: "subscribe";
      readonly room: string;
      readonly wanted: Wanted;
      readonly from: Position | undefined;
    }
  | { readonly kind: "unsubscribe"; readonly room: string }
  | {
      readonly kind: "publish";
      readonly room: string;
      readonly ticket: number;
      readonly body: CheckedBody;
      readonly re: number | undefined;
    }
  | { readonly kind: "history"; readonly ticket: number; readonly query: HistoryQuery }
  | { readonly kind: "opened"; readonly connection: number; readonly token: string | undefined }
  | {
      readonly kind: "text";
      readonly connection: number;
      readonly text: string;
      readonly transport: TransportKind;
    }
  | { readonly kind: "closed"; readonly connection: number; readonly close: TransportClose }
  /** The connection could not be prepared. */
  | { readonly kind: "fault"; readonly connection: number; readonly reason: string }
  | { readonly kind: "timer"; readonly name: string }
  | { readonly kind: "wake" }
  | { readonly kind: "reconnect" }
  /** For good. */
  | { readonly kind: "release" };

export function stepClient(core: ClientCore, event: ClientEvent, inputs: StepInputs): ClientEffect[] {
  const effects: ClientEffect[] = [];
  if ("connection" in event && event.connection !== core.connection.number) return effects;
  const wasLinked = isLinked(core.connection);
  const wasClosed = core.connection.state.kind === "closed";

  take(core, event, inputs, effects);

  if (wasLinked && !isLinked(core.connection)) unlinkAll(core, inputs, effects);
  const { state } = core.connection;
  if (!wasClosed && state.kind === "closed") endAll(core, state, inputs, effects);
  return effects;
}

function take(core: ClientCore, event: ClientEvent, inputs: StepInputs, effects: ClientEffect[]): void {
  const connect = (step: ConnectionEvent): void => stepConnection(core.connection, step, inputs, effects);
  switch (event.kind) {
    case "subscribe":
      return subscribe(core, event, inputs, effects);
    case "unsubscribe": {
      const { cursor } = roomOf(core, event.room);
      return stepCursor(cursor, { ...event, isLinked: isLinked(core.connection) }, inputs, effects);
    }
    case "publish":
      return publish(core, event, inputs, effects);
    case "history":
      return askHistory(core, event, inputs, effects);
    case "opened":
      connect({ kind: "opened" });
      return greet(core, event.token, inputs, effects);
    case "text":
      return takeText(core, event, inputs, effects);
    case "closed":
    case "fault":
    case "wake":
    case "reconnect":
    case "release":
      return connect(event);
    case "timer":
      return takeTimer(core, event.name, inputs, effects);
  }
}

function subscribe(
  core: ClientCore,
  event: ClientEvent & { kind: "subscribe" },
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  const { state, isReleased } = core.connection;
  if (isReleased && state.kind === "closed") {
    const failure = { code: state.code, message: state.message };
    effects.push({ kind: "room", room: event.room, notice: { name: "unsubscribed", failure } });
    return;
  }
  const { cursor } = roomOf(core, event.room);
  stepCursor(cursor, { ...event, isLinked: isLinked(core.connection) }, inputs, effects);
  stepConnection(core.connection, { kind: "want" }, inputs, effects);
}

function publish(
  core: ClientCore,
  event: ClientEvent & { kind: "publish" },
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  const { state } = core.connection;
  if (state.kind === "closed") {
    const failure = { code: state.code, message: `${state.message} Nothing was taken.` };
    effects.push({ kind: "published", ticket: event.ticket, outcome: { ok: false, failure } });
    return;
  }
  driveOutbox(core, roomOf(core, event.room), event, inputs, effects);
  stepConnection(core.connection, { kind: "want" }, inputs, effects);
}

function askHistory(
  core: ClientCore,
  event: ClientEvent & { kind: "history" },
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  const owner = { kind: "caller", ticket: event.ticket } as const;
  const { state } = core.connection;
  if (state.kind === "closed") return failRequest(owner, state, effects);
  addHistoryRequest(core.history, event.query, owner, effects);
  if (isLinked(core.connection)) pumpHistory(core.history, effects);
  stepConnection(core.connection, { kind: "want" }, inputs, effects);
}

/**
 * Says hello, and what this client wants to hear right behind it, without waiting for the welcome: that
 * saves a round trip at every return, and none of it can harm if the hello is refused.
 */
function greet(
  core: ClientCore,
  token: string | undefined,
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  const { key, producer, profile } = core.settings;
  const hello: HelloFrame = { type: "hello", version: PROTOCOL_VERSION, key, producer, token, profile };
  effects.push({ kind: "send", text: encodeFrame(hello) });
  for (const { cursor } of core.rooms.values()) stepCursor(cursor, { kind: "linked" }, inputs, effects);
  pumpHistory(core.history, effects);
}

function takeText(
  core: ClientCore,
  event: ClientEvent & { kind: "text" },
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  stepConnection(core.connection, { kind: "heard" }, inputs, effects);
  const decoded = decodeServerFrame(event.text);
  if (decoded.ok) return takeFrame(core, decoded.frame, event.transport, inputs, effects);
  // A frame of a later version is for later clients. Anything else that is no frame makes all that
  // follows doubtful; a new connection asks again from the cursors.
  if (decoded.unknownType !== null) return;
  const reason = `Something other than the protocol came over the connection: ${decoded.fault}`;
  stepConnection(core.connection, { kind: "fault", reason }, inputs, effects);
}

function takeTimer(core: ClientCore, name: string, inputs: StepInputs, effects: ClientEffect[]): void {
  const room = core.rooms.get(name.slice(name.indexOf("/") + 1));
  if (room !== undefined && name === retryTimer(room.cursor)) {
    if (isLinked(core.connection)) stepCursor(room.cursor, { kind: "retry" }, inputs, effects);
  } else if (room !== undefined && name === outboxTimer(room.outbox)) {
    driveOutbox(core, room, { kind: "retry" }, inputs, effects);
  } else {
    stepConnection(core.connection, { kind: "timer", name }, inputs, effects);
  }
}

function unlinkAll(core: ClientCore, inputs: StepInputs, effects: ClientEffect[]): void {
  unlinkHistory(core.history);
  for (const room of core.rooms.values()) {
    stepCursor(room.cursor, { kind: "unlinked" }, inputs, effects);
    driveOutbox(core, room, { kind: "unlinked" }, inputs, effects);
  }
}

function endAll(core: ClientCore, failure: Failure, inputs: StepInputs, effects: ClientEffect[]): void {
  endHistory(core.history, failure, effects);
  for (const room of core.rooms.values()) endOutbox(core, room, failure, inputs, effects);
}

function endOutbox(
  core: ClientCore,
  room: RoomCore,
  failure: Failure,
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  if (room.outbox.items.length === 0) return;
  driveOutbox(core, room, { kind: "end", failure }, inputs, effects);
}
