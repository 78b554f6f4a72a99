import { systemRandom, type Clock } from "@parlor/base";
import type { CoreOptions } from "./core-options.ts";
import { platformKeyStorage } from "./key-storage.ts";
import { contend } from "./transports/contender.ts";
import type { Means } from "./transports/means.ts";
import { transportHistory } from "./transports/transport-history.ts";
import type { Transport, TransportKind } from "./transports/transport.ts";

interface MeansOptions extends CoreOptions {
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** @param kinds What there is to connect with to a server, best first. */
export function meansTo(
  base: URL,
  options: MeansOptions,
  kinds: readonly TransportKind[],
  socket: Transport | null,
  clock: Clock,
): Means {
  const { random = systemRandom } = options;
  const { fetch = (...request) => globalThis.fetch(...request) } = options;
  return {
    kinds,
    socket,
    base: base.href,
    fetch,
    clock,
    random,
    history: transportHistory(platformKeyStorage("parlor.transport"), base.origin),
    contend: (transport, host) => contend(transport, clock.monotonic(), host),
  };
}
