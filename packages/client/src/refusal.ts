import { isPermanentRefusal } from "@parlor/protocol";
import type { ClientEffect, StepInputs } from "./effects.ts";
import { refuseItem, type Outbox } from "./outbox-state.ts";
import { retryAfterOf, retryDelayMs } from "./reconnect.ts";

/** A `refused`, or an `error` that answers a publish. */
export interface Refusal {
  readonly seq?: number | undefined;
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
  readonly expected?: number | undefined;
}

/** What the refusal of one publish means for those behind it; the rewind itself is `outbox.ts`'s. */
export function takeRefusal(
  outbox: Outbox,
  refusal: Refusal,
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  const item = outbox.items.find((candidate) => candidate.seq === refusal.seq);
  if (item === undefined || !item.isInFlight) return;
  item.isInFlight = false;
  outbox.inFlight -= 1;

  if (isFinal(refusal.code)) {
    const fate = item.isUncertain ? " It was sent before, and may have been stored then." : "";
    const message = `${refusal.message}${fate}`;
    // Those in flight behind it name its seq and will be refused for that; they go again without it.
    refuseItem(outbox, item, { code: refusal.code, message }, effects);
    return;
  }
  outbox.isRewinding = true;
  switch (refusal.code) {
    case "out-of-order": {
      // The server knows this producer and holds less than this seq, whatever earlier sendings did.
      item.isUncertain = false;
      const last = (refusal.expected ?? Infinity) - 1;
      // It holds less than it acked: a history that went back. Nobody can send those again from here.
      if (last >= 0 && last < outbox.reliesOn) outbox.reliesOn = last;
      return;
    }
    case "unknown-producer":
      // While no ack was dropped, every seq from 1 is here, and the rewind alone sends them again.
      if (outbox.reliesOn > 0) outbox.mustSettle = true;
      return;
    default: {
      outbox.window = 1;
      item.refusal = { code: refusal.code, message: refusal.message };
      const delayMs = retryDelayMs(outbox.rewinds + 1, retryAfterOf(refusal.retryAfterMs), inputs.random);
      outbox.retryAtMs = Math.max(outbox.retryAtMs, inputs.nowMs + delayMs);
    }
  }
}

/** `unknown-frame` is no refusal of this publish but of all: a server that takes none. */
function isFinal(code: string): boolean {
  return isPermanentRefusal(code) || code === "unknown-frame";
}
