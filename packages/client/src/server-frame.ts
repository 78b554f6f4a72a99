import type { ErrorFrame, ServerFrame } from "@parlor/protocol";
import type { CoreParts } from "./core-parts.ts";
import type { TransportKind } from "./transports/transport.ts";

/** Brings each frame of the server to the part of the client that it is for. */
export function takeFrame(core: CoreParts, frame: ServerFrame, transport: TransportKind): void {
  const { connection, turn } = core;
  // Who has a part of its own for it may want to know who it is by then.
  const isGreeting = frame.type === "welcome";
  if (isGreeting) {
    core.welcome = frame;
    // Behind a `renew`, or of one more request of the same connection.
    if (connection.phase !== "greeting") return;
    core.identity = frame.identity;
    core.limits = frame.limits;
    connection.welcome(frame, transport);
  }
  if (core.extras.some((extra) => extra.take(frame))) return;
  const cursor = "room" in frame ? core.cursors.get(frame.room ?? "") : undefined;
  switch (frame.type) {
    case "subscribed":
    case "messages":
    case "unsubscribed":
      return cursor?.[frame.type](frame as never);
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

function takeError(core: CoreParts, error: ErrorFrame): void {
  const { connection, turn } = core;
  const { to, room = "" } = error;
  // Before the welcome, an error that names no question can only mean the hello. Behind it, one to the
  // hello says that the token's time is over.
  if (to === "hello" || (to === undefined && connection.phase === "greeting")) connection.refuse(error);
  else if (to === "subscribe") core.cursors.get(room)?.refused(error);
  else turn.do({ kind: "error", error });
}
