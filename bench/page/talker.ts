import { ParlorClient } from "@parlor/client";
import { serve } from "../processes/serve.ts";

/** Somebody who talks without end, in a process of their own so that the page has its core to itself. */
export type TalkerCalls = {
  talk(to: TalkedTo): void;
  /** Returns how many messages were said, and are on the server's disk. */
  stop(): Promise<number>;
};

export interface TalkedTo {
  readonly url: string;
  readonly room: string;
  readonly perSecond: number;
}

let client: ParlorClient | null = null;
let timer: NodeJS.Timeout | undefined;
let said: Promise<unknown>[] = [];

serve({
  talk({ url, room, perSecond }: TalkedTo): void {
    const talking = new ParlorClient(url);
    client = talking;
    said = [];
    const beganMs = performance.now();
    timer = setInterval(() => {
      // What a late timer did not say is said now: it is the rate that counts.
      const due = ((performance.now() - beganMs) / 1_000) * perSecond;
      while (said.length < due) {
        const text = `said live ${said.length + 1}`;
        said.push(talking.room(room).publish({ text, name: "Talker" }));
      }
    }, 1_000 / perSecond);
  },
  async stop(): Promise<number> {
    clearInterval(timer);
    await Promise.all(said);
    client?.close();
    return said.length;
  },
} satisfies TalkerCalls);
