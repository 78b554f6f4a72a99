import type { Page } from "@parlor/log";
import type { EncodedBatch } from "./encoded-batch.ts";

/**
 * Catch-up: brings one subscription from its cursor to the live edge of its room, and back to reading
 * whenever its connection is slower than the room.
 *
 *            start ─▶ advance ──cursor at the edge──────────────▶ live
 *                     │    ▲ ▲                                     │
 *         log needed  │    │ └─────── drained ◀── blocked ◀────────┤ send buffer over its mark
 *                     ▼    │ page                    ▲             │
 *                   reading┘                         └─ advance ───┘ (while catching up, too)
 *
 * The splice: a subscription turns live only in the very step in which its cursor equals the offset up
 * to which the room has fanned out. Messages that go out while it reads are in the room's recent
 * batches, so it takes them from there, and no message can fall between the two or come twice.
 *
 * Owns:     the cursor and the phase.
 * Leaves:   reading the log, sending, and who may subscribe.
 * Must not: buffer anything: what waits is in the log or in the room's recent batches.
 *
 * Each step answers with exactly one effect; what the effect led to comes back as the next event.
 * Rules: docs/protocol.md [CHAIN-1], [CHAIN-3], [SLOW-2], [SLOW-50], [LOST-1], [LOST-2].
 */
export interface CatchUpState {
  readonly phase: "live" | "advancing" | "reading" | "pausing" | "blocked";
  readonly epoch: string;
  /** The newest offset handed to the connection. While live it is the room's, and not kept here. */
  readonly cursor: number;
}

/** What a step needs to see of the room. */
export interface CatchUpView {
  /** The offset up to which the room has fanned out. */
  readonly fannedOut: number;
  /** The recent batch to take next at a cursor; null where the log must be read. */
  next(cursor: number): EncodedBatch | null;
}

/** What a read behind a cursor gave: the page, and of it the batch to deliver next. */
export interface CatchUpRead {
  readonly page: Page;
  /** Null where the page shows nothing up to what the room has fanned out. */
  readonly batch: EncodedBatch | null;
}

export type CatchUpEvent =
  /** Begin, or begin again, behind the state's cursor. */
  | { readonly kind: "start" }
  /** The connection took a batch; `writable` says whether it takes more at once. */
  | { readonly kind: "took"; readonly last: number; readonly writable: boolean }
  /** The log was read behind the cursor; `batch` holds at most what the view had fanned out. */
  | ({ readonly kind: "page" } & CatchUpRead)
  | { readonly kind: "read-failed" }
  /** The pause after a failed read is over. */
  | { readonly kind: "retry" }
  /** While live: the batch that ends at `last` was taken, and the send buffer is now over its mark. */
  | { readonly kind: "overflowed"; readonly last: number }
  /** The send buffer takes more again. */
  | { readonly kind: "drained" };

export type CatchUpEffect =
  | { readonly kind: "none" }
  | { readonly kind: "deliver"; readonly batch: EncodedBatch }
  | { readonly kind: "read"; readonly after: number }
  | { readonly kind: "retry-later" }
  /** Join the live fan-out, now. */
  | { readonly kind: "go-live" }
  /** Wait for the connection to drain. */
  | { readonly kind: "wait" }
  /** Offsets `from` to `to` were trimmed: tell it, then go on behind `to` (event `start`). */
  | { readonly kind: "tell-lost"; readonly from: number; readonly to: number }
  /** The history changed under it: it must be subscribed anew. */
  | { readonly kind: "tell-epoch" };

export interface CatchUpStep {
  readonly state: CatchUpState;
  readonly effect: CatchUpEffect;
}

const NONE: CatchUpEffect = { kind: "none" };

export function stepCatchUp(state: CatchUpState, event: CatchUpEvent, view: CatchUpView): CatchUpStep {
  switch (event.kind) {
    case "start":
      return advance(state, view);
    case "took": {
      const moved = { ...state, cursor: event.last };
      return event.writable
        ? advance(moved, view)
        : { state: { ...moved, phase: "blocked" }, effect: { kind: "wait" } };
    }
    case "page":
      return state.phase === "reading"
        ? takePage(state, event.page, event.batch, view)
        : { state, effect: NONE };
    case "read-failed":
      return state.phase === "reading"
        ? { state: { ...state, phase: "pausing" }, effect: { kind: "retry-later" } }
        : { state, effect: NONE };
    case "retry":
      return state.phase === "pausing" ? advance(state, view) : { state, effect: NONE };
    case "overflowed":
      return { state: { ...state, phase: "blocked", cursor: event.last }, effect: { kind: "wait" } };
    case "drained":
      return state.phase === "blocked" ? advance(state, view) : { state, effect: NONE };
  }
}

function advance(state: CatchUpState, view: CatchUpView): CatchUpStep {
  if (state.cursor >= view.fannedOut) {
    return { state: { ...state, phase: "live" }, effect: { kind: "go-live" } };
  }
  const batch = view.next(state.cursor);
  if (batch !== null) return { state: { ...state, phase: "advancing" }, effect: { kind: "deliver", batch } };
  return { state: { ...state, phase: "reading" }, effect: { kind: "read", after: state.cursor } };
}

function takePage(
  state: CatchUpState,
  page: Page,
  batch: EncodedBatch | null,
  view: CatchUpView,
): CatchUpStep {
  if (page.epoch !== state.epoch)
    return { state: { ...state, phase: "advancing" }, effect: { kind: "tell-epoch" } };
  // Never beyond what was fanned out: messages that wait to be fanned out will still come live.
  const lostTo = Math.min(page.earliest - 1, view.fannedOut);
  if (lostTo > state.cursor) {
    const lost = { kind: "tell-lost", from: state.cursor + 1, to: lostTo } as const;
    return { state: { ...state, phase: "advancing", cursor: lostTo }, effect: lost };
  }
  if (batch === null) {
    // The page showed nothing up to the live edge; a lagging replica may. Ask again, but not in a spin.
    return { state: { ...state, phase: "pausing" }, effect: { kind: "retry-later" } };
  }
  return { state: { ...state, phase: "advancing" }, effect: { kind: "deliver", batch } };
}
