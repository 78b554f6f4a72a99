import { systemClock, systemRandom } from "@parlor/base";
import { socketTo, type CoreOptions } from "./core-options.ts";
import { platformKeyStorage } from "./key-storage.ts";
import { contend } from "./transports/contender.ts";
import type { Means } from "./transports/means.ts";
import { transportHistory } from "./transports/transport-history.ts";
import type { TransportKind } from "./transports/transport.ts";

interface MeansOptions extends CoreOptions {
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** What there is to connect with to a server, of these transports, best first. */
export function meansTo(base: URL, options: MeansOptions, transports: readonly TransportKind[]): Means {
  const { clock = systemClock, random = systemRandom } = options;
  const { fetch = (...request) => globalThis.fetch(...request) } = options;
  const socket = socketTo(base, options);
  return {
    kinds: transports.filter((kind) => kind !== "websocket" || socket !== null),
    socket,
    base: base.href,
    fetch,
    clock,
    random,
    history: transportHistory(platformKeyStorage("parlor.transport"), base.origin),
    contend: (transport, host) => contend(transport, clock.monotonic(), host),
  };
}
