import { type RoomLog, openLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import { mayInArena, startArena } from "@parlor/game/server";
import { cpuMsOf } from "../processes/cpu-time.ts";
import { serve } from "../processes/serve.ts";

/** The game's server, as the parlor command has it: its world, and its log on a disk. */
export type GameServerCalls = {
  start(folder: string): Promise<number>;
  cpuMs(): number;
  stop(): Promise<void>;
};

let parlor: Parlor | null = null;
let log: RoomLog | null = null;

serve({
  async start(folder: string) {
    log = await openLog("sqlite:", folder);
    parlor = new Parlor({ log, authorize: mayInArena });
    const { port } = await parlor.listen({ port: 0 });
    await startArena(parlor);
    return port;
  },
  cpuMs: () => cpuMsOf(process.pid) ?? process.cpuUsage().user / 1_000,
  async stop() {
    await parlor?.drain();
    await log?.close();
  },
} satisfies GameServerCalls);
