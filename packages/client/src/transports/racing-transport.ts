import { allLanes } from "./all-lanes.ts";
import { goingOn } from "./going-on.ts";
import type { Means, RacingLink } from "./means.ts";
import { racingOver } from "./racing-link.ts";

/** All that a client changes roads with, in the one file that it loads for that. */
export function racingTransport(means: Means): RacingLink {
  return goingOn(racingOver(means, allLanes));
}
