import { MemoryLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import { serve } from "../processes/serve.ts";
import {
  CHANGES_A_TICK,
  KEYS,
  type Kind,
  packedWorldBody,
  stateValue,
  TICKS_PER_SECOND,
  worldBody,
} from "./kinds.ts";

/** Entry of the server's process: Parlor, and what its own code says in the room. */
const parlor = new Parlor({
  log: new MemoryLog(),
  publishPerSecond: Infinity,
  connectionsPerAddress: Infinity,
  signalTick: () => 1_000 / TICKS_PER_SECOND,
});

const calls = {
  async start(): Promise<number> {
    return (await parlor.listen({ port: 0 })).port;
  },
  /** Speaks until the process goes. */
  speak(kind: Kind): void {
    const room = parlor.room("bench");
    let tick = 0;
    setInterval(() => {
      tick += 1;
      if (kind === "world") room.signal(worldBody(tick));
      else if (kind === "packed world") room.signal(packedWorldBody(tick));
      else if (kind === "state") {
        for (let i = 0; i < CHANGES_A_TICK; i++) {
          const key = (tick * CHANGES_A_TICK + i) % KEYS;
          void room.set(`SYM${key}`, stateValue(key, tick));
        }
      }
    }, 1_000 / TICKS_PER_SECOND);
  },
};

export type EncodedServerCalls = typeof calls;

serve(calls);
