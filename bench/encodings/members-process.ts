import { setTimeout as delay } from "node:timers/promises";
import { ParlorClient, type ClientRoom, roomSignals, roomState } from "@parlor/client";
import { msgpack } from "@parlor/msgpack";
import { serve } from "../processes/serve.ts";
import {
  chatBody,
  inputBody,
  type Kind,
  MEMBERS,
  TICKS_PER_SECOND,
  WRITERS,
  WRITES_PER_SECOND,
} from "./kinds.ts";

/** Entry of the members' process: clients that hear all, and say what members say. */
export interface MembersOptions {
  readonly port: number;
  readonly kind: Kind;
  readonly isBinary: boolean;
}

let bytes = 0;
let heard = 0;

class CountedWebSocket extends WebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols);
    this.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
      bytes += typeof data === "string" ? Buffer.byteLength(data) : data.byteLength;
    });
  }
}

function listen(room: ClientRoom, kind: Kind): void {
  if (kind === "chat") room.on("messages", (messages) => (heard += messages.length));
  else if (kind === "state") roomState(room).on("change", (changes) => (heard += changes.size));
  else roomSignals(room).on("signal", () => (heard += 1));
  room.subscribe();
}

function speak(rooms: readonly ClientRoom[], kind: Kind): void {
  if (kind !== "chat" && kind !== "inputs") return;
  const [speakers, perSecond] = kind === "chat" ? [WRITERS, WRITES_PER_SECOND] : [MEMBERS, TICKS_PER_SECOND];
  let count = 0;
  setInterval(() => {
    count += 1;
    rooms.slice(0, speakers).forEach((room, player) => {
      if (kind === "chat") void room.publish(chatBody(count * speakers + player));
      else roomSignals(room).signal(inputBody(player, count));
    });
  }, 1_000 / perSecond);
}

const calls = {
  /** Joined, heard from, and speaking. */
  async join({ port, kind, isBinary }: MembersOptions): Promise<void> {
    const rooms = Array.from({ length: MEMBERS }, () => {
      const client = new ParlorClient(`http://127.0.0.1:${port}/`, {
        transports: ["websocket"],
        webSocket: CountedWebSocket,
        encoding: isBinary ? msgpack : undefined,
      });
      return client.room("bench");
    });
    const joined = rooms.map(
      (room) => new Promise<void>((resolve) => void room.on("subscribed", () => resolve())),
    );
    for (const room of rooms) listen(room, kind);
    await Promise.all(joined);
    speak(rooms, kind);
  },
  async look(): Promise<{ readonly bytes: number; readonly heard: number }> {
    // Behind what is being read.
    await delay(0);
    return { bytes, heard };
  },
};

export type MembersCalls = typeof calls;

serve(calls);
