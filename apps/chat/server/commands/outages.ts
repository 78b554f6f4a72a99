import type { ParlorClient } from "@parlor/client";
import type { CommandWorld } from "./command.ts";

/** Says on stderr when the server goes away or is not there, once for each reason, and when it is back. */
export function noteOutages(client: ParlorClient, url: string, world: Pick<CommandWorld, "note">): void {
  let reason: string | null = null;
  client.on("state", (state) => {
    if (state.kind === "waiting") {
      const words = unnumbered(state.reason);
      if (words !== reason) world.note(`${url}: ${state.reason} It is tried again until it answers.`);
      reason = words;
    } else if (state.kind === "open" && reason !== null) {
      world.note(`${url}: connected.`);
      reason = null;
    }
  });
}

/** One reason, however often it was met. */
function unnumbered(reason: string): string {
  return reason.replace(/ in \d+ tries/, "");
}
