import { randomInteger, shuffled, until, wait } from "@parlor/testkit";
import type { Scene } from "../scene.ts";

/** What is done to the server, one after the other: each leaves it running. */
export const SERVER_FAULTS = {
  async kills({ victim, crowd, tally }: Scene): Promise<void> {
    if (crowd.unanswered > 0) tally.add("kills under load");
    await victim.restart("SIGKILL");
  },

  /** As a suspended machine would, or a collection without end. */
  async stops({ victim, stopMs }: Scene): Promise<void> {
    await victim.process.freeze(stopMs);
  },

  async drains({ victim, tally }: Scene): Promise<void> {
    await victim.restart("SIGTERM");
    if (victim.process.ends.at(-1)?.exitCode === 0) tally.add("clean drains");
  },

  /** From some sync on the disk reports errors: the server must end, having acked nothing unsynced. */
  async "failed syncs"({ victim, random, tally, violations }: Scene): Promise<void> {
    const exitCode = await victim.liveOnBadDisk(randomInteger(random, 10, 40), BAD_DISK_PATIENCE_MS);
    if (exitCode === 70) tally.add("ends with 70");
    // Null is the kill of a life in which there was nothing to sync any more.
    else if (exitCode !== null && exitCode !== 2)
      violations.push(`a failed sync ended the server with ${exitCode}`);
    await victim.process.start();
  },

  /** The disk is full: publishes are refused for now, reading goes on, and it recovers by itself. */
  async "full disks"({ disk, crowd, tally }: Scene): Promise<void> {
    disk.fill();
    try {
      const isRefused = (): boolean => crowd.members.some((member) => member.isRefused);
      if (await until(isRefused, FULL_DISK_PATIENCE_MS)) tally.add("full disks noticed");
    } finally {
      disk.free();
    }
  },

  /** Readers stop taking while much is said, so that the server must let go of them and find them again. */
  async "slow readers"({ crowd, victim, tally }: Scene): Promise<void> {
    await until(() => crowd.hasBulkReaders, READERS_PATIENCE_MS);
    crowd.stopReading();
    try {
      crowd.sayMuch();
      const lateMs = performance.now() + SLOW_PATIENCE_MS;
      while (performance.now() < lateMs) {
        if (await hasSlowReaders(victim.url)) {
          tally.add("slow readers noticed");
          return;
        }
        await wait(100);
      }
    } finally {
      crowd.readOn();
    }
  },
};

export type ServerFault = keyof typeof SERVER_FAULTS;

const BAD_DISK_PATIENCE_MS = 20_000;
const FULL_DISK_PATIENCE_MS = 10_000;
/** Who is gone is not slow: they must have come back from the last kill. */
const READERS_PATIENCE_MS = 15_000;
const SLOW_PATIENCE_MS = 8_000;
const RARE: readonly ServerFault[] = ["stops", "drains", "failed syncs", "full disks", "slow readers"];
/** So many kills come between two of the rarer faults. */
const KILLS_BETWEEN = 12;
const STOPS_SHARE = 0.5;

/** Kills, and now and then something rarer. Until `isProven` few kills come between. */
export function* serverFaults(
  { random, disk }: Scene,
  isProven: () => boolean,
): Generator<ServerFault, never> {
  const rare = RARE.filter((kind) => kind !== "full disks" || disk.canBeFilled);
  for (let round = 0; ; round++) {
    for (const kind of shuffled(random, rare)) {
      // A stop takes as long as many kills: later on only some rounds have one.
      if (kind === "stops" && round > 0 && random() > STOPS_SHARE) continue;
      const kills = isProven() ? randomInteger(random, KILLS_BETWEEN, 2 * KILLS_BETWEEN) : 2;
      for (let i = 0; i < kills; i++) yield "kills";
      yield kind;
    }
  }
}

/** How long the server lives undisturbed between two faults. */
export async function breathe({ random }: Scene): Promise<void> {
  await wait(randomInteger(random, 100, 800));
}

async function hasSlowReaders(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}metrics`, { signal: AbortSignal.timeout(1_000) });
    return /^parlor_slow_readers [1-9]/m.test(await answer.text());
  } catch {
    // Killed or stopped just now: then nobody can be seen to be slow.
    return false;
  }
}
