import type { Echo, EchoState } from "./echoes.ts";
import { entryContent, type Entry } from "./entries.ts";
import { foldEntries, type Told } from "./fold.ts";

/** What the person changed and the room has not shown yet, as the row that it is about shows it. */
export interface PendingChange {
  readonly id: string;
  readonly what: "edit" | "delete" | "reaction";
  readonly state: EchoState;
}

/** Behind every offset that a room can have come to: what is still to be stored is the newest. */
const BEHIND_ALL = Number.MAX_SAFE_INTEGER - 1_000_000;

/** Adds what `echoes` will say once they are stored: one's own change is seen at once. */
export function withPending(told: Told, echoes: readonly Echo[], identity: string | null): Told {
  if (identity === null) return told;
  const entries: Entry[] = [];
  for (const [index, { body, re, state }] of echoes.entries()) {
    if (re === undefined || state.kind === "refused") continue;
    const content = entryContent(body);
    if (content !== null) entries.push({ re, offset: BEHIND_ALL + index, from: identity, ...content });
  }
  return foldEntries(told, entries);
}

/** Of each message the newest change that is under way, or that was refused. */
export function pendingChanges(echoes: readonly Echo[]): ReadonlyMap<number, PendingChange> {
  const changes = new Map<number, PendingChange>();
  for (const { id, body, re, state } of echoes) {
    if (re === undefined || state.kind === "settled") continue;
    const content = entryContent(body);
    if (content === null) continue;
    // A refusal is to be answered, so it is not hidden behind what waits.
    if (changes.get(re)?.state.kind === "refused" && state.kind !== "refused") continue;
    const what = content.kind === "edit" || content.kind === "delete" ? content.kind : "reaction";
    changes.set(re, { id, what, state });
  }
  return changes;
}
