import type { Page, StoredMessage, TailEvent } from "@parlor/log";

/**
 * Feed: turns what the log's tail tells of one room into an unbroken sequence of messages to fan out.
 *
 * A tail over a network can lose events when its link breaks; a batch that does not follow the newest
 * one known shows it, or `missed` does. Then the feed reads the log from there and takes from the tail only how far it
 * must get, so that nothing is buffered while it reads.
 *
 * Owns:     how far the room has been taken from the log (`reached`), and the epoch.
 * Leaves:   gathering and sending (Room), cursors (CatchUp).
 * Must not: touch the log itself: it is `step(state, event) → effects`.
 *
 * Rules: docs/protocol.md [ORDER-1], [CHAIN-2].
 */
export interface FeedState {
  readonly epoch: string;
  /** Offset of the newest message handed on. */
  readonly reached: number;
  readonly earliest: number;
  /** A hole is being read; the tail has shown that the room goes to at least this offset. */
  readonly filling: { readonly upTo: number } | null;
}

export type FeedEvent =
  | { readonly kind: "tail"; readonly event: TailEvent }
  /** What was read behind `after`. */
  | { readonly kind: "page"; readonly after: number; readonly page: Page }
  | { readonly kind: "read-failed" };

export type FeedEffect =
  | { readonly kind: "fan-out"; readonly after: number; readonly messages: readonly StoredMessage[] }
  | { readonly kind: "read"; readonly after: number }
  /** The log could not be read: ask again a little later. */
  | { readonly kind: "read-later"; readonly after: number }
  /** What was sent before may show a body that is erased now. */
  | { readonly kind: "forget-recent" }
  /** The history is another one: every subscription starts again. */
  | { readonly kind: "restart" }
  | { readonly kind: "deleted" };

export interface FeedStep {
  readonly state: FeedState;
  readonly effects: readonly FeedEffect[];
}

export function stepFeed(state: FeedState, event: FeedEvent): FeedStep {
  switch (event.kind) {
    case "tail":
      return stepTail(state, event.event);
    case "page":
      return stepPage(state, event.after, event.page);
    case "read-failed":
      return { state, effects: state.filling === null ? [] : [{ kind: "read-later", after: state.reached }] };
  }
}

function stepTail(state: FeedState, event: TailEvent): FeedStep {
  switch (event.kind) {
    case "redacted":
      return { state, effects: [{ kind: "forget-recent" }] };
    case "trimmed":
      return { state: { ...state, earliest: Math.max(state.earliest, event.earliest) }, effects: [] };
    case "deleted":
      return { state: NOTHING_YET, effects: [{ kind: "deleted" }] };
    case "messages":
      return stepMessages(state, event);
    case "missed":
      return stepMissed(state, event);
  }
}

/** After a deletion: whoever subscribes now begins at 0 of the next history, whose name comes with its first message. */
const NOTHING_YET: FeedState = { epoch: "", reached: 0, earliest: 1, filling: null };

function stepMessages(before: FeedState, event: TailEvent & { kind: "messages" }): FeedStep {
  const last = event.messages.at(-1)?.offset ?? event.after;
  const isFirst = before === NOTHING_YET && event.after === 0;
  const state = isFirst ? { ...NOTHING_YET, epoch: event.epoch } : before;
  if (event.epoch !== state.epoch) {
    // Its messages are read again from the log with everything before them.
    return {
      state: { epoch: event.epoch, reached: 0, earliest: 1, filling: { upTo: last } },
      effects: [{ kind: "restart" }, { kind: "read", after: 0 }],
    };
  }
  if (last <= state.reached) return { state, effects: [] };
  if (state.filling !== null) {
    return { state: { ...state, filling: { upTo: Math.max(state.filling.upTo, last) } }, effects: [] };
  }
  if (event.after > state.reached) {
    return {
      state: { ...state, filling: { upTo: last } },
      effects: [{ kind: "read", after: state.reached }],
    };
  }
  const messages =
    event.after === state.reached
      ? event.messages
      : event.messages.filter((message) => message.offset > state.reached);
  return {
    state: { ...state, reached: last },
    effects: [{ kind: "fan-out", after: state.reached, messages }],
  };
}

/** The tail lost events of any kind: what it would have told of is looked up. */
function stepMissed(before: FeedState, event: TailEvent & { kind: "missed" }): FeedStep {
  const { epoch, head } = event;
  const known = before === NOTHING_YET ? { ...NOTHING_YET, epoch } : before;
  if (epoch !== known.epoch) {
    return {
      state: { epoch, reached: 0, earliest: event.earliest, filling: { upTo: head } },
      effects: [{ kind: "restart" }, { kind: "read", after: 0 }],
    };
  }
  const state = { ...known, earliest: Math.max(known.earliest, event.earliest) };
  // One of what was lost may have said that a body was erased.
  const effects: FeedEffect[] = [{ kind: "forget-recent" }];
  if (head <= state.reached) return { state, effects };
  if (state.filling !== null) {
    return { state: { ...state, filling: { upTo: Math.max(state.filling.upTo, head) } }, effects };
  }
  effects.push({ kind: "read", after: state.reached });
  return { state: { ...state, filling: { upTo: head } }, effects };
}

function stepPage(state: FeedState, askedAfter: number, page: Page): FeedStep {
  // One that was asked for before the history changed says nothing of where this one begins.
  if (state.filling === null || askedAfter !== state.reached) return { state, effects: [] };
  if (page.epoch !== state.epoch) {
    return {
      state: { epoch: page.epoch, reached: 0, earliest: page.earliest, filling: { upTo: page.head } },
      effects: [{ kind: "restart" }, { kind: "read", after: 0 }],
    };
  }
  const messages = page.messages.filter((message) => message.offset > state.reached);
  // What was trimmed before it could be read is passed over; the fan-out then follows a later offset than
  // the one it reached, which sends live subscriptions to the log, and that tells them what is lost.
  const after = Math.max(state.reached, Math.min(page.earliest - 1, page.head));
  // Where everything up to the goal was trimmed meanwhile there is nothing to read and nothing to wait for.
  const reached = messages.at(-1)?.offset ?? (page.more ? state.reached : Math.max(state.reached, page.head));
  const upTo = Math.max(state.filling.upTo, page.head);
  const isDone = reached >= upTo;
  const effects: FeedEffect[] = [];
  if (messages.length > 0) effects.push({ kind: "fan-out", after, messages });
  if (!isDone) effects.push({ kind: messages.length > 0 ? "read" : "read-later", after: reached });
  return {
    state: {
      ...state,
      reached,
      earliest: Math.max(state.earliest, page.earliest),
      filling: isDone ? null : { upTo },
    },
    effects,
  };
}
