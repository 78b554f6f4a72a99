import type { Message } from "@parlor/protocol";

/**
 * A stretch of a room's log without holes:
 *
 *     log     1  2  3  5  8  9  12 …        (offsets may skip)
 *     run          └ from 3 … to 9 ┘        every message that exists from 3 to 9 is in `messages`
 *
 * Saying what is *covered*, and not only what is there, is what lets two runs be joined in whatever
 * order they come: they fit where their ranges touch, and a hole can't hide in offsets that skip.
 */
export interface Run {
  /** Smallest offset covered. */
  readonly from: number;
  /** Greatest offset covered; `from - 1` where nothing is yet. */
  readonly to: number;
  readonly messages: readonly Message[];
  /** Stretches within that are no longer kept by the server. */
  readonly lost: readonly LostStretch[];
  /** The message right above `from`, where it was seen: who speaks on from there need not be named again. */
  readonly above?: Message | undefined;
}

/** Offsets that can't be had any more, both inclusive. */
export interface LostStretch {
  readonly from: number;
  readonly to: number;
}

/** A run that covers nothing and begins behind `offset`. */
export function runBehind(offset: number): Run {
  return { from: offset + 1, to: offset, messages: [], lost: [] };
}

/** Both runs as one, or null where offsets between them are covered by neither. */
export function joinRuns(a: Run, b: Run): Run | null {
  if (a.from > b.to + 1 || b.from > a.to + 1) return null;
  const upper = a.from < b.from ? a : b;
  return {
    from: upper.from,
    to: Math.max(a.to, b.to),
    messages: mergeMessages(a.messages, b.messages),
    lost: mergeLost(a.lost, b.lost),
    above: upper.above,
  };
}

/** The newest `count` messages of a run. */
export function keepNewest(run: Run, count: number): Run {
  if (run.messages.length <= count) return run;
  const messages = run.messages.slice(-count);
  const from = messages[0]?.offset ?? run.to + 1;
  const above = run.messages.at(-count - 1);
  return { from, to: run.to, messages, lost: run.lost.filter((stretch) => stretch.to >= from), above };
}

/** The oldest `count` messages of a run. */
export function keepOldest(run: Run, count: number): Run {
  if (run.messages.length <= count) return run;
  const messages = run.messages.slice(0, count);
  const to = messages.at(-1)?.offset ?? run.from - 1;
  return { ...run, to, messages, lost: run.lost.filter((stretch) => stretch.from <= to) };
}

/** The message at an offset, found by halving; undefined where it is not among these, which are in order. */
export function messageAt(messages: readonly Message[] = [], offset: number): Message | undefined {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle]?.offset ?? Infinity) < offset) low = middle + 1;
    else high = middle;
  }
  return messages[low]?.offset === offset ? messages[low] : undefined;
}

function mergeMessages(a: readonly Message[], b: readonly Message[]): readonly Message[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  // What mostly comes: one run simply follows the other.
  if (lastOffset(a) < firstOffset(b)) return [...a, ...b];
  if (lastOffset(b) < firstOffset(a)) return [...b, ...a];
  const merged: Message[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const x = a[i];
    const y = b[j];
    if (y === undefined || (x !== undefined && x.offset < y.offset)) {
      if (x !== undefined) merged.push(x);
      i += 1;
    } else if (x === undefined || y.offset < x.offset) {
      merged.push(y);
      j += 1;
    } else {
      // The same message twice: an erased body is the newer knowledge, whichever came first.
      merged.push(y.redacted === true ? y : x);
      i += 1;
      j += 1;
    }
  }
  return merged;
}

function mergeLost(a: readonly LostStretch[], b: readonly LostStretch[]): readonly LostStretch[] {
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  const byStart = new Map<number, LostStretch>();
  for (const stretch of [...a, ...b]) {
    const known = byStart.get(stretch.from);
    if (known === undefined || known.to < stretch.to) byStart.set(stretch.from, stretch);
  }
  return [...byStart.values()].sort((x, y) => x.from - y.from);
}

function firstOffset(messages: readonly Message[]): number {
  return messages[0]?.offset ?? Infinity;
}

function lastOffset(messages: readonly Message[]): number {
  return messages.at(-1)?.offset ?? -Infinity;
}
