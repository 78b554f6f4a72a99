import { randomItem } from "@parlor/testkit";
import type { Participant } from "./participant.ts";
import { PRIVATE_ROOM, ROOMS } from "./world/rights.ts";
import type { World } from "./world/world.ts";

export interface Scene {
  readonly world: World;
  readonly participants: readonly Participant[];
}

/** What is done to the world. Each answers whether it was done; what it changes for a while it mends itself. */
export const FAULTS = {
  /** In the middle of whatever it does, and with it the system: what was not synced may be gone. */
  crash({ world }: Scene): boolean {
    if (world.server === null) return false;
    if (world.server.log.isSyncing) world.tally.add("killed between write and sync");
    world.killServer();
    world.mend(20, 1_500, () => world.startServer());
    return true;
  },

  drain({ world }: Scene): boolean {
    const { server } = world;
    if (server === null || server.isDraining) return false;
    void server.drain().then(() => {
      if (world.server !== server) return;
      world.tally.add("drained to the end");
      world.killServer();
      world.mend(20, 500, () => world.startServer());
    });
    // One that does not come to its end is cut short.
    world.mend(8_000, 8_000, () => {
      if (world.server === server) world.killServer();
      world.startServer();
    });
    return true;
  },

  /** As a suspended machine, or a collection without end. */
  freeze({ world }: Scene): boolean {
    const { server } = world;
    if (server === null) return false;
    server.clock.freeze();
    world.mend(100, 5_000, () => server.clock.thaw());
    return true;
  },

  "disk full"({ world }: Scene): boolean {
    if (world.disk.isFull) return false;
    world.disk.isFull = true;
    world.mend(50, 3_000, () => {
      world.disk.isFull = false;
    });
    return true;
  },

  /** Syncs fail from now on: the server must ack nothing more, and end. */
  "failing syncs"({ world }: Scene): boolean {
    if (world.server === null || world.disk.isBad) return false;
    world.disk.isBad = true;
    world.mend(50, 2_000, () => {
      world.killServer();
      world.disk.isBad = false;
      world.startServer();
    });
    return true;
  },

  /** The log tells its tails nothing for a while. */
  "tails broken"({ world }: Scene): boolean {
    const { server } = world;
    if (server === null) return false;
    server.log.tails.breakLink();
    world.mend(5, 800, () => server.log.tails.mend());
    return true;
  },

  "reads fail"({ world }: Scene): boolean {
    const { server } = world;
    if (server === null) return false;
    server.log.isUnreadable = true;
    world.mend(5, 1_000, () => {
      server.log.isUnreadable = false;
    });
    return true;
  },

  cut({ world }: Scene): boolean {
    if (world.lines.length === 0) return false;
    randomItem(world.random, world.lines).cut();
    return true;
  },

  "cut of all"({ world }: Scene): boolean {
    if (world.lines.length === 0) return false;
    for (const line of [...world.lines]) line.cut();
    return true;
  },

  /** Half-open: neither end is told, and both must find out. */
  silence({ world }: Scene): boolean {
    if (world.lines.length === 0) return false;
    randomItem(world.random, world.lines).isSilent = true;
    return true;
  },

  "slow reader"({ world }: Scene): boolean {
    if (world.lines.length === 0) return false;
    const line = randomItem(world.random, world.lines);
    line.isStalled = true;
    world.mend(50, 5_000, () => line.takeOn());
    return true;
  },

  delay({ world }: Scene): boolean {
    if (world.lines.length === 0) return false;
    const line = randomItem(world.random, world.lines);
    line.extraDelayMs = world.draw(20, 1_500);
    world.mend(100, 3_000, () => {
      line.extraDelayMs = 0;
    });
    return true;
  },

  /** Whoever connects now hears nothing. */
  "nobody answers"({ world }: Scene): boolean {
    if (world.isDark) return false;
    world.isDark = true;
    world.mend(100, 3_000, () => {
      world.isDark = false;
    });
    return true;
  },

  "clock jumps"({ world }: Scene): boolean {
    world.clock.jump(world.draw(-7_200_000, 7_200_000));
    return true;
  },

  "history trimmed"({ world }: Scene): boolean {
    const { server } = world;
    if (server === null) return false;
    const room = randomItem(world.random, ROOMS);
    server.log
      .head(room)
      .then(({ head }) => server.log.trim(room, Math.max(1, head - world.draw(0, 20))))
      .catch(() => world.tally.add("trim refused"));
    return true;
  },

  "body erased"({ world }: Scene): boolean {
    const { server } = world;
    if (server === null) return false;
    const room = randomItem(world.random, ROOMS);
    server.log
      .head(room)
      .then(({ head, earliest }) => server.erase(room, world.draw(earliest, head)))
      .catch(() => world.tally.add("erasing refused"));
    return true;
  },

  "room deleted"({ world }: Scene): boolean {
    // Until it is done, nothing is at rest.
    world.mend(50, 500, () => undefined);
    return world.deleteRoom(randomItem(world.random, ROOMS));
  },

  "backup restored"({ world }: Scene): boolean {
    if (!world.restoreBackup()) return false;
    world.mend(20, 1_500, () => world.startServer());
    return true;
  },

  "right withdrawn"({ world, participants }: Scene): boolean {
    const one = randomItem(world.random, participants);
    if (!world.rights.may(one.identity, PRIVATE_ROOM)) return false;
    world.rights.revoke(one.identity);
    world.server?.recheck();
    world.mend(500, 4_000, () => world.rights.admit(one.identity));
    return true;
  },
};

export type Fault = keyof typeof FAULTS;

/** Those that end a history. */
const LIVELY_FAULTS: readonly Fault[] = ["room deleted", "backup restored"];

const ALL = Object.keys(FAULTS) as readonly Fault[];
const PLAIN = ALL.filter((name) => !LIVELY_FAULTS.includes(name));

/** What is done in a run. */
export function faultNames(isLively: boolean): readonly Fault[] {
  return isLively ? ALL : PLAIN;
}
