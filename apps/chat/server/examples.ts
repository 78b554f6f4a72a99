import { randomId, systemClock } from "@parlor/base";
import { startArena } from "@parlor/game/server";
import type { SignalBus } from "@parlor/log";
import type { Parlor } from "@parlor/server";
import { startTicker } from "@parlor/stock-ticker/server";
import { OnlyOne } from "./nats/only-one.ts";

interface Running {
  close(): void;
}

/** The arena and the prices: of several processes one moves them, and the others pass on what it says. */
export async function startExamples(parlor: Parlor, isOwner: boolean): Promise<Running> {
  const game = isOwner ? await startArena(parlor) : null;
  const ticker = await startTicker(parlor, isOwner);
  return {
    close: () => {
      game?.close();
      ticker.close();
    },
  };
}

/** As `startExamples`, where the nodes have to find out which one it is. */
export async function startSharedExamples(parlor: Parlor, bus: SignalBus): Promise<Running> {
  let running = await startExamples(parlor, false);
  let changing = Promise.resolve();
  let isClosed = false;
  const change = async (isOwner: boolean): Promise<void> => {
    running.close();
    if (isClosed) return;
    running = await startExamples(parlor, isOwner);
  };
  const one = new OnlyOne({
    what: "examples",
    id: randomId(12),
    bus,
    clock: systemClock,
    onChange: (isThis) => {
      changing = changing.then(() => change(isThis));
    },
  });
  return {
    close: () => {
      isClosed = true;
      one.close();
      running.close();
    },
  };
}
