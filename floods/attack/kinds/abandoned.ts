import { setTimeout as wait } from "node:timers/promises";
import type { Flood } from "../../flood.ts";
import { CAPS, PER_ADDRESS } from "../../memory.ts";
import { hello } from "../attack.ts";

const PER_SECOND = 300;
/** Some are left before their answer, some in the middle of it, ms. */
const PATIENCE_MS = [0, 2, 20, 100] as const;

/** Streams and polls that are opened and left, again and again. */
export const abandoned: Flood = {
  name: "abandoned",
  about: `${PER_SECOND} streams and polls/s, opened and left at once or soon`,
  memoryBytes: PER_ADDRESS * (CAPS.connection + CAPS.room),
  words: [],
  attack: async (attack) => {
    await attack.pace(PER_SECOND, (count) => {
      const socket = attack.connect();
      const subscribe = JSON.stringify({ type: "subscribe", room: `room ${count}`, last: 50 });
      socket.post(count % 2 === 0 ? "/connect/stream" : "/connect/poll", `${hello()}\n${subscribe}`);
      attack.tellings.sent(count % 2 === 0 ? "streams" : "polls");
      void wait(PATIENCE_MS[count % PATIENCE_MS.length]).then(() => socket.leave());
    });
  },
};
