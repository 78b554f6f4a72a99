import { DEFAULT_LIMITS, type ErrorFrame, type Limits, type ServerFrame } from "@parlor/protocol";
import type { CoreParts } from "./core-parts.ts";
import { isTemporary, retryAfterOf } from "./reconnect.ts";
import type { TransportKind } from "./transports/transport.ts";

/** Brings each frame of the server to the part of the client that it is for. */
export function takeFrame(core: CoreParts, frame: ServerFrame, transport: TransportKind): void {
  const { connection, history, turn } = core;
  if (core.extras.some((extra) => extra.take(frame))) return;
  const room = "room" in frame ? core.rooms.get(frame.room ?? "") : undefined;
  switch (frame.type) {
    case "welcome":
      if (connection.phase !== "greeting") return;
      core.identity = frame.identity;
      core.limits = saneLimits(frame.limits);
      connection.welcome(frame, transport);
      for (const { sender } of core.rooms.values()) sender?.link(frame.identity);
      return;
    case "subscribed":
      if (room !== undefined) room.epoch = frame.epoch;
      return room?.cursor.subscribed(frame);
    case "messages":
      return room?.cursor.messages(frame);
    case "unsubscribed":
      return room?.cursor.unsubscribed(frame);
    case "ack":
      return room?.sender?.ack(frame.seq, frame.offset ?? null, room.epoch);
    case "refused":
      return room?.sender?.refused(frame, frame.seq);
    case "history":
      if (room !== undefined) room.epoch = frame.epoch;
      return history?.take(frame.id)?.page(frame);
    case "error":
      return takeError(core, frame);
    case "bye":
      return connection.bye(frame);
    case "ping":
      return turn.send({ type: "pong" });
    default:
      // `pong` has been heard; who asked for anything else is one of the extras.
      return;
  }
}

/** What a server leaves out is as the protocol's defaults say. */
function saneLimits(told: Partial<Limits>): Limits {
  const isLimit = ([, value]: [string, unknown]): boolean => typeof value === "number" && value > 0;
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(Object.entries(told).filter(isLimit)) };
}

function takeError(core: CoreParts, error: ErrorFrame): void {
  const { to, code, message } = error;
  const room = core.rooms.get(error.room ?? "");
  // Before the welcome, an error that names no question can only mean the hello. Behind it, one to the
  // hello says that the token's time is over.
  const isToHello = to === "hello" || (to === undefined && core.connection.phase === "greeting");
  if (isToHello) return core.connection.refuse(error);
  if (to === "subscribe") return room?.cursor.refused(error);
  if (to === "publish") return room?.sender?.refused(error, error.seq);
  const asker = to === "history" ? core.history?.take(error.id) : undefined;
  if (asker !== undefined)
    asker.fail({ code, message, retryAfterMs: retryAfterOf(error) }, isTemporary(code));
  else core.turn.do({ kind: "error", error });
}
