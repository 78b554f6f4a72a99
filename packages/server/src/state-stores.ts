import { MemoryLog, type RoomLog } from "@parlor/log";
import type { ResolvedOptions } from "./options.ts";
import { Counters } from "./room/counters.ts";
import { faultText } from "./room/logger.ts";
import { RecentBudget } from "./room/recent-batches.ts";
import { RoomRegistry } from "./room/room-registry.ts";
import type { StateRoomDeps } from "./room/state-room.ts";
import { StateRooms } from "./room/state-rooms.ts";
import type { AppendsInFlight } from "./session/appends-in-flight.ts";

/** What the side rooms keep of the batches that just went out, together: hardly anybody follows one twice. */
const RECENT_BYTES = 4_194_304;

/**
 * A busy state gathers so many times as long as messages do: what is replaced meanwhile is not sent at all, and a
 * value that is a tenth of a second old is still the newest that anybody can see.
 */
const STATE_GATHERING = 4;

type StateOptions = Pick<
  ResolvedOptions,
  "clock" | "log" | "logger" | "limits" | "coalesceMs" | "volatileState"
>;

/** The states of a server's rooms: with its log, and for the rooms that its host says so in memory. */
export function openStateRooms(options: StateOptions, appends: AppendsInFlight): StateRooms {
  const { clock, log, logger, limits, coalesceMs, volatileState } = options;
  const onFault = (fault: unknown): void =>
    logger.warn("The state of a room could not be read or compacted; it tries again.", {
      fault: faultText(fault),
    });
  // Counted apart: what the server follows itself is nobody's subscription.
  const counters = new Counters();
  const depsOf = (store: RoomLog, append: StateRoomDeps["append"]): StateRoomDeps => ({
    clock,
    log: store,
    rooms: new RoomRegistry({
      log: store,
      clock,
      counters,
      coalesceMs: coalesceMs * STATE_GATHERING,
      recentBudget: new RecentBudget(RECENT_BYTES, () => undefined),
      onFault,
    }),
    append,
    limits,
    onFault,
  });
  const durable = depsOf(log, (append) => appends.append(append));
  if (volatileState === null) return new StateRooms({ durable, volatile: null }, clock);
  const memory = new MemoryLog({ clock });
  const inMemory = depsOf(memory, (append) => memory.append(append));
  return new StateRooms({ durable, volatile: { ...inMemory, isVolatile: volatileState } }, clock);
}
