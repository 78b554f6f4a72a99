import {
  DEFAULT_LIMITS,
  type ErrorFrame,
  type HistoryPageFrame,
  type Limits,
  type ServerFrame,
  type WelcomeFrame,
} from "@parlor/protocol";
import { stepConnection } from "./connection.ts";
import { driveOutbox, type ClientCore, type RoomCore } from "./core-state.ts";
import { stepCursor, type CursorEvent } from "./cursor.ts";
import type { ClientEffect, StepInputs } from "./effects.ts";
import { answerRequest, failRequest, pumpHistory, takeHistoryRequest } from "./history-requests.ts";
import { isTemporary, retryAfterOf } from "./reconnect.ts";
import type { TransportKind } from "./transports/transport.ts";

/** Brings each frame of the server to the part of the client that it is for. */
export function takeFrame(
  core: ClientCore,
  frame: ServerFrame,
  transport: TransportKind,
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  const toCursor = (name: string, event: CursorEvent): RoomCore | undefined => {
    const room = core.rooms.get(name);
    if (room !== undefined) stepCursor(room.cursor, event, inputs, effects);
    return room;
  };
  switch (frame.type) {
    case "welcome":
      return takeWelcome(core, frame, transport, inputs, effects);
    case "subscribed": {
      const room = toCursor(frame.room, { kind: "subscribed", frame });
      if (room !== undefined) room.epoch = frame.epoch;
      return;
    }
    case "messages":
      toCursor(frame.room, { kind: "messages", frame });
      return;
    case "unsubscribed":
      toCursor(frame.room, { kind: "unsubscribed", frame });
      return;
    case "ack": {
      const room = core.rooms.get(frame.room);
      if (room === undefined) return;
      return driveOutbox(core, room, { kind: "ack", frame, epoch: room.epoch }, inputs, effects);
    }
    case "refused": {
      const room = core.rooms.get(frame.room);
      if (room === undefined) return;
      return driveOutbox(core, room, { kind: "refused", refusal: frame }, inputs, effects);
    }
    case "history":
      return takePage(core, frame, inputs, effects);
    case "error":
      return takeError(core, frame, inputs, effects);
    case "bye":
      return stepConnection(core.connection, { kind: "bye", frame }, inputs, effects);
    case "ping":
      return stepConnection(core.connection, { kind: "ping" }, inputs, effects);
    case "pong":
    // Nobody asks for these yet, so no server sends them.
    case "signal":
    case "state":
    case "presence":
    case "reply":
      return;
  }
}

function takeWelcome(
  core: ClientCore,
  frame: WelcomeFrame,
  transport: TransportKind,
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  if (core.connection.phase !== "greeting") return;
  core.identity = frame.identity;
  core.limits = saneLimits(frame.limits);
  stepConnection(core.connection, { kind: "welcome", frame, transport }, inputs, effects);
  for (const room of core.rooms.values()) {
    driveOutbox(core, room, { kind: "linked", identity: frame.identity }, inputs, effects);
  }
}

/** What a server leaves out is as the protocol's defaults say. */
function saneLimits(told: Partial<Limits>): Limits {
  const limits = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(limits) as (keyof Limits)[]) {
    const value = told[name];
    if (typeof value === "number" && value > 0) (limits as Record<string, number>)[name] = value;
  }
  return limits;
}

function takePage(
  core: ClientCore,
  page: HistoryPageFrame,
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  const request = takeHistoryRequest(core.history, page.id);
  if (request === undefined) return;
  const room = core.rooms.get(page.room);
  if (room !== undefined) room.epoch = page.epoch;
  if (request.owner.kind === "caller") answerRequest(request.owner, page, effects);
  else if (room !== undefined) driveOutbox(core, room, { kind: "page", page }, inputs, effects);
  pumpHistory(core.history, effects);
}

function takeError(core: ClientCore, error: ErrorFrame, inputs: StepInputs, effects: ClientEffect[]): void {
  const room = error.room === undefined ? undefined : core.rooms.get(error.room);
  // Before the welcome, an error that names no question can only mean the hello. Behind it, one to the
  // hello says that the token's time is over.
  const isToHello = error.to === "hello" || (error.to === undefined && core.connection.phase === "greeting");
  if (isToHello) return stepConnection(core.connection, { kind: "hello-refused", error }, inputs, effects);
  if (error.to === "subscribe" && room !== undefined) {
    return stepCursor(room.cursor, { kind: "refused", error }, inputs, effects);
  }
  if (error.to === "publish" && room !== undefined && error.seq !== undefined) {
    return driveOutbox(core, room, { kind: "refused", refusal: error }, inputs, effects);
  }
  if (error.to === "history" && error.id !== undefined) {
    return failPage(core, error, error.id, inputs, effects);
  }
  effects.push({ kind: "error", error });
}

function failPage(
  core: ClientCore,
  error: ErrorFrame,
  id: number,
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  const request = takeHistoryRequest(core.history, id);
  if (request === undefined) return;
  const { code, message } = error;
  const retryAfterMs = retryAfterOf(error.retryAfterMs);
  const room = core.rooms.get(request.query.room);
  if (request.owner.kind === "caller") {
    failRequest(request.owner, { code, message, retryAfterMs }, effects);
  } else if (room !== undefined) {
    const failed = { kind: "page-failed", isTemporary: isTemporary(code), retryAfterMs } as const;
    driveOutbox(core, room, failed, inputs, effects);
  }
  pumpHistory(core.history, effects);
}
