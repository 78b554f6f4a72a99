import { systemClock, type Clock } from "@parlor/base";
import { allLanes } from "../src/transports/all-lanes.ts";
import { pollTransport } from "../src/transports/poll-transport.ts";
import { streamTransport } from "../src/transports/stream-transport.ts";
import type { Transport } from "../src/transports/transport.ts";

/** One of the fallbacks as a client has it, to the server at `base`, which ends with `/`. */
export function overHttp(kind: "stream" | "poll", base: string, clock: Clock = systemClock): Transport {
  return (kind === "stream" ? streamTransport : pollTransport)({ base, fetch, clock }, allLanes);
}
