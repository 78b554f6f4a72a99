import type { Position } from "@parlor/protocol";
import type { HistoryEntry } from "./history.ts";

/** All that is known of one publish. */
export class Publish {
  readonly bodies = new Set<string>();
  readonly acks: { readonly epoch: string | null; readonly offset: number | null }[] = [];
  isRefused = false;
}

/** All that anybody saw of one unbroken history of one room. */
export class Story {
  readonly entries = new Map<number, HistoryEntry>();
  /** Where each publish was seen, by its key. */
  readonly places = new Map<string, number[]>();
  /** What the log held at the end; null where nobody looked. */
  log: { readonly earliest: number; readonly end: number; readonly offsets: ReadonlySet<number> } | null =
    null;
  readonly lostClaims: { readonly who: string; readonly from: number; readonly to: number }[] = [];
  /** Stretches of which a reader must have seen everything. */
  readonly stretches: {
    readonly who: string;
    readonly after: number;
    to: number;
    readonly seen: Set<number>;
  }[] = [];

  /** Whether somebody looked at the place where an acknowledged message should be. */
  wasPassed(offset: number | null): boolean {
    if (offset === null) return this.log !== null && this.log.earliest <= 1;
    if (this.log !== null && offset >= this.log.earliest) return true;
    return this.stretches.some(({ after, to }) => after < offset && offset <= to);
  }

  /** Whether the log has what was seen at an offset, or need not have it any more. */
  isKept(offset: number): boolean {
    return this.log === null || offset < this.log.earliest || this.log.offsets.has(offset);
  }
}

/** Where one subscriber of one room stands. */
export class Reader {
  position: Position | null = null;
  readonly #told = new Map<string, Set<number>>();

  /** Offsets of an epoch that it was told. */
  toldIn(epoch: string): Set<number> {
    return getOrMake(this.#told, epoch, () => new Set());
  }
}

export function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
