import { serve } from "../processes/serve.ts";
import { type Announcement, IdleLoad, type IdleLoadOptions } from "./idle-load.ts";
import type { LatencySummary } from "./latencies.ts";
import { runOneToOne } from "./one-to-one-load.ts";
import { runPublishLoad } from "./publish-load.ts";
import { type AskLoadOptions, RequestLoad } from "./request-load.ts";
import { type RoomEnd, RoomLoad, type RoomLoadOptions, type Window } from "./room-load.ts";

/** Entry of the process that makes the load: it stands for all clients, and keeps the time. */
let room: RoomLoad | null = null;
let idle: IdleLoad | null = null;
let requests: RequestLoad | null = null;

const calls = {
  async joinRoom(options: RoomLoadOptions): Promise<void> {
    room = await RoomLoad.join(options);
  },
  publish({ perSecond, durationMs }: { perSecond: number; durationMs: number }): Promise<Window> {
    if (room === null) throw new Error("nobody has joined a room");
    return room.publish(perSecond, durationMs);
  },
  endRoom(): Promise<RoomEnd> {
    if (room === null) throw new Error("nobody has joined a room");
    return room.end();
  },
  async joinIdle(options: IdleLoadOptions): Promise<void> {
    idle = await IdleLoad.join(options);
  },
  announce({ messageBytes }: { messageBytes: number }): Promise<Announcement> {
    if (idle === null) throw new Error("nobody is connected");
    return idle.announce(messageBytes);
  },
  leaveIdle(): void {
    idle?.close();
    idle = null;
  },
  async joinRequests(options: AskLoadOptions): Promise<void> {
    requests = await RequestLoad.join(options);
  },
  async askRequests({ requests: count }: { requests: number }): Promise<void> {
    if (requests === null) throw new Error("nobody is there to ask");
    await requests.ask(count);
  },
  endRequests(): LatencySummary {
    if (requests === null) throw new Error("nobody is there to ask");
    return requests.end();
  },
  oneToOne: runOneToOne,
  publishAll: runPublishLoad,
};

export type LoadCalls = typeof calls;

serve(calls);
