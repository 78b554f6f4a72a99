import { randomId } from "@parlor/base";
import type { ResolvedOptions } from "./options.ts";
import type { Counters } from "./room/counters.ts";
import { faultText } from "./room/logger.ts";
import type { SignalRoomDeps, SignalTick } from "./room/signal-room.ts";
import { SignalRooms } from "./room/signal-rooms.ts";
import { SERVER_IDENTITY } from "./session/identity.ts";

type SignalOptions = Pick<ResolvedOptions, "bus" | "clock" | "logger" | "signalTick">;

const MIN_TICK_MS = 5;
const MAX_TICK_MS = 60_000;
const MAX_NEWEST = 1_000;

/** The signals of a server's rooms, with the ticks that its host gives them. */
export function openSignalRooms(
  { bus, clock, logger, signalTick, atTurnsEnd }: SignalOptions & Pick<SignalRoomDeps, "atTurnsEnd">,
  counters: Counters,
): SignalRooms {
  // Another process's server is another sender, though the identity is the same.
  const server = { from: SERVER_IDENTITY, producer: randomId(12) };
  return new SignalRooms({ bus, clock, counters, server, atTurnsEnd }, (room) => {
    if (signalTick === null) return null;
    try {
      return readTick(signalTick(room));
    } catch (fault) {
      logger.warn("The signalTick of the host failed; the room's signals go out at once.", {
        fault: faultText(fault),
      });
      return null;
    }
  });
}

function readTick(given: number | SignalTick | null | undefined): SignalTick | null {
  if (given === null || given === undefined) return null;
  const tick = typeof given === "number" ? { everyMs: given } : given;
  const { everyMs, newestPerIdentity = 1 } = tick as SignalTick;
  if (!(everyMs >= MIN_TICK_MS && everyMs <= MAX_TICK_MS)) {
    throw new Error(`a tick is a number of ms from ${MIN_TICK_MS} to ${MAX_TICK_MS}`);
  }
  if (!Number.isInteger(newestPerIdentity) || newestPerIdentity < 1 || newestPerIdentity > MAX_NEWEST) {
    throw new Error(`newestPerIdentity is a whole number from 1 to ${MAX_NEWEST}`);
  }
  return tick;
}
