import type { Random } from "@parlor/base";
import type { Crowd } from "./crowd.ts";
import type { JumpingClock } from "./jumping-clock.ts";
import type { ScratchDisk } from "./scratch-disk.ts";
import type { Tally } from "./tally.ts";
import type { Victim } from "./victim.ts";

/** All that a fault may lay its hands on. */
export interface Scene {
  readonly victim: Victim;
  readonly crowd: Crowd;
  readonly disk: ScratchDisk;
  readonly clock: JumpingClock;
  readonly tally: Tally;
  /** Chooses this fault's moments; each lane of faults has its own. */
  readonly random: Random;
  /** How long a stopped server stands still. */
  readonly stopMs: number;
  /** What was found wrong besides what the history shows. */
  readonly violations: string[];
}
