import { type Clock, TokenBucket } from "@parlor/base";

/** Records a second, and at once, of a node that hold nothing but that somebody was refused; 165 bytes each. */
const REFUSALS = { perSecond: 20, burst: 200 };

/** What a node may store of refusals. Rule: docs/protocol.md [GROW-76]. */
export function refusalsOf(clock: Clock): TokenBucket {
  return new TokenBucket(REFUSALS.perSecond, REFUSALS.burst, clock.monotonic());
}
