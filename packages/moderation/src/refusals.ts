import type { Parlor } from "@parlor/server";
import type { Full } from "./room-policy.ts";

/** Why something was refused that was within somebody's right: a bound's name, or a link that nobody made. */
export type RefusedFor = Full | "server-full" | "wrong-link";

/** What came to its end since the start, in this process. */
export class Refusals {
  readonly #counts: Record<RefusedFor, number> = {
    "server-full": 0,
    "room-full": 0,
    "reports-full": 0,
    "held-full": 0,
    "wrong-link": 0,
  };

  count(reason: RefusedFor): void {
    this.#counts[reason] += 1;
  }

  showIn({ operator }: Parlor): void {
    operator.addTotals({
      name: "moderation_refused_total",
      help: "Acts, links, reports and messages to wait that found no place, and links that this server did not make.",
      label: "reason",
      read: () => this.#counts,
    });
  }
}
