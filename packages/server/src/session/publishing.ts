import type { PublishOutcome, PublishRefusal, PublishRequest } from "./publish-gate.ts";

/**
 * Publishing: the publishes of one connection, from the frame to the answer.
 *
 *     submit ─▶ held ─▶ authorizing ─▶ appending ─▶ settled ─▶ answer
 *              (only behind an earlier one of
 *               the same room that is being authorized)
 *
 * Two orders are kept. Within a room, publishes reach the log in the order of their frames, however long
 * a host's hook takes over one of them. Among all, answers leave in the order of the frames; only a
 * publish that waits for a hook lets those of other rooms overtake it, since no frame may hold back
 * another room's.
 *
 * Owns:     the queue of unanswered publishes, and when to stop reading from the connection.
 * Must not: ask hooks, rates or the log: it is `step(state, event) → effects`.
 *
 * Rules: docs/protocol.md [ONCE-8] answers in order, [ONCE-9] in flight, [ONCE-66] refused and yet stored.
 */
export type PublishingEvent =
  /** `fault` is what is wrong with it already; it still waits for its turn to be answered. */
  | { readonly kind: "submit"; readonly request: PublishRequest; readonly fault: PublishRefusal | null }
  | {
      readonly kind: "authorized";
      readonly ticket: number;
      readonly refusal: PublishRefusal | null;
      /** What the host's schema made of it, where that is something else. */
      readonly fitted?: Pick<PublishRequest, "body" | "bodyJson"> | undefined;
    }
  | { readonly kind: "settled"; readonly ticket: number; readonly outcome: PublishOutcome };

export type PublishingEffect =
  | { readonly kind: "authorize"; readonly ticket: number; readonly request: PublishRequest }
  | { readonly kind: "append"; readonly ticket: number; readonly request: PublishRequest }
  /** It is refused, unless the log has it already. */
  | {
      readonly kind: "find";
      readonly ticket: number;
      readonly request: PublishRequest;
      readonly refusal: PublishRefusal;
    }
  | { readonly kind: "answer"; readonly request: PublishRequest; readonly outcome: PublishOutcome }
  | { readonly kind: "pause-reading" }
  | { readonly kind: "resume-reading" };

interface Entry {
  readonly ticket: number;
  request: PublishRequest;
  phase: "held" | "authorizing" | "appending" | "settled";
  outcome: PublishOutcome | null;
}

export interface PublishingState {
  readonly maxInFlight: number;
  /** Without a hook and a schema that phase is passed over. */
  readonly asksAuthorize: boolean;
  readonly queue: Entry[];
  /** UTF-16 units of the bodies in the queue. */
  characters: number;
  nextTicket: number;
  isPaused: boolean;
}

export function newPublishing(maxInFlight: number, asksAuthorize: boolean): PublishingState {
  return { maxInFlight, asksAuthorize, queue: [], characters: 0, nextTicket: 1, isPaused: false };
}

export function stepPublishing(state: PublishingState, event: PublishingEvent): PublishingEffect[] {
  const effects: PublishingEffect[] = [];
  switch (event.kind) {
    case "submit":
      submit(state, event.request, event.fault, effects);
      break;
    case "authorized":
      authorized(state, event, effects);
      break;
    case "settled": {
      const entry = find(state, event.ticket, "appending");
      if (entry === undefined) break;
      entry.phase = "settled";
      entry.outcome = event.outcome;
      release(state, effects);
    }
  }
  flowControl(state, effects);
  return effects;
}

function submit(
  state: PublishingState,
  request: PublishRequest,
  fault: PublishRefusal | null,
  effects: PublishingEffect[],
): void {
  const entry: Entry = { ticket: state.nextTicket++, request, phase: "appending", outcome: null };
  state.characters += request.bodyJson.length;
  if (fault !== null) {
    entry.phase = "settled";
    entry.outcome = fault;
    state.queue.push(entry);
    release(state, effects);
    return;
  }
  if (!state.asksAuthorize) {
    state.queue.push(entry);
    effects.push({ kind: "append", ticket: entry.ticket, request });
    return;
  }
  const mustWait = state.queue.some(
    (earlier) => earlier.request.room === request.room && isBeforeLog(earlier.phase),
  );
  entry.phase = mustWait ? "held" : "authorizing";
  state.queue.push(entry);
  if (!mustWait) effects.push({ kind: "authorize", ticket: entry.ticket, request });
}

function authorized(
  state: PublishingState,
  { ticket, refusal, fitted }: PublishingEvent & { kind: "authorized" },
  effects: PublishingEffect[],
): void {
  const entry = find(state, ticket, "authorizing");
  if (entry === undefined) return;
  entry.phase = "appending";
  if (refusal === null) {
    if (fitted !== undefined) {
      state.characters += fitted.bodyJson.length - entry.request.bodyJson.length;
      entry.request = { ...entry.request, ...fitted };
    }
    effects.push({ kind: "append", ticket, request: entry.request });
  } else {
    effects.push({ kind: "find", ticket, request: entry.request, refusal });
  }
  const next = state.queue.find(
    (other) => other.phase === "held" && other.request.room === entry.request.room,
  );
  if (next !== undefined) {
    next.phase = "authorizing";
    effects.push({ kind: "authorize", ticket: next.ticket, request: next.request });
  }
}

/** Answers all that nothing earlier holds back. */
function release(state: PublishingState, effects: PublishingEffect[]): void {
  const { queue } = state;
  // The common case: the oldest is settled, and perhaps some behind it.
  let settled = 0;
  while (settled < queue.length && (queue[settled] as Entry).phase === "settled") {
    answer(state, queue[settled] as Entry, effects);
    settled += 1;
  }
  if (settled > 0) queue.splice(0, settled);

  const waitingRooms = new Set<string>();
  for (let i = 0; i < queue.length; i++) {
    const entry = queue[i] as Entry;
    if (entry.phase === "appending") return;
    if (entry.phase !== "settled") {
      waitingRooms.add(entry.request.room);
    } else if (!waitingRooms.has(entry.request.room)) {
      answer(state, entry, effects);
      queue.splice(i, 1);
      i -= 1;
    }
  }
}

function answer(state: PublishingState, entry: Entry, effects: PublishingEffect[]): void {
  state.characters -= entry.request.bodyJson.length;
  effects.push({ kind: "answer", request: entry.request, outcome: entry.outcome as PublishOutcome });
}

/**
 * Bodies, in UTF-16 units, that may wait for the log: past it nothing more is read, however few publishes they
 * are. Rule: docs/protocol.md [GROW-69].
 */
const MAX_CHARACTERS = 1_048_576;

function flowControl(state: PublishingState, effects: PublishingEffect[]): void {
  const inFlight = state.queue.length;
  const { characters } = state;
  if (!state.isPaused && (inFlight > state.maxInFlight || characters > MAX_CHARACTERS)) {
    state.isPaused = true;
    effects.push({ kind: "pause-reading" });
  } else if (state.isPaused && inFlight <= state.maxInFlight / 2 && characters <= MAX_CHARACTERS / 2) {
    state.isPaused = false;
    effects.push({ kind: "resume-reading" });
  }
}

function isBeforeLog(phase: Entry["phase"]): boolean {
  return phase === "held" || phase === "authorizing";
}

function find(state: PublishingState, ticket: number, phase: Entry["phase"]): Entry | undefined {
  // Tickets settle nearly in order, so the one looked for is near the front.
  return state.queue.find((entry) => entry.ticket === ticket && entry.phase === phase);
}
