import type { Contender, ContenderHost } from "./contender.ts";
import type { Interim, RacingLink } from "./means.ts";
import type { Before } from "./racing-connection.ts";
import type { Racing } from "./racing-link.ts";
import type { TransportKind } from "./transport.ts";

/** A race that goes on with what a client began before it was loaded. */
export function goingOn(racing: Racing): RacingLink {
  return {
    get kind() {
      return racing.kind;
    },
    open: (listener, begun = null, quick = null) => racing.open(listener, beforeOf(begun, quick)),
    distrust: (kind) => racing.distrust(kind),
  };
}

/**
 * @param begun Was tried alone so far, and is the first of the race.
 * @param quick Stands until somebody wins.
 */
function beforeOf(begun: Contender | null, quick: Interim | null): Before {
  const end = (): void => quick?.end();
  if (begun === null) return { end };
  const { kind: first } = begun;
  /** The race that it is in. */
  let host: ContenderHost | null = null;
  return {
    end,
    order: (kinds: readonly TransportKind[]) => [first, ...kinds.filter((kind) => kind !== first)],
    contend(kind, own) {
      if (kind !== first || host !== null) return null;
      begun.host = host = own;
      return begun;
    },
    begun(late) {
      const { ended } = begun;
      if (ended === null) late();
      // Whoever opened this must know it before being told of its end.
      else queueMicrotask(() => host?.onClose(begun, ended));
    },
  };
}
