import type { RoomPolicy } from "./room-policy.ts";

/** Whether there is a report of theirs, or something that waits, in whatever room. */
export function hasWordsOf(rooms: ReadonlyMap<string, RoomPolicy>, identity: string): boolean {
  for (const { held, reports } of rooms.values()) {
    for (const { from } of held.values()) if (from === identity) return true;
    for (const { reporters } of reports.values()) if (reporters.has(identity)) return true;
  }
  return false;
}

/** As if they had never been said: so it is, too, for who reads the acts once the records are erased. */
export function forgetWords({ held, reports }: RoomPolicy, identity: string): void {
  for (const [id, { from }] of held) if (from === identity) held.delete(id);
  for (const [offset, report] of reports) {
    const reason = report.reporters.get(identity);
    if (reason === undefined) continue;
    report.reporters.delete(identity);
    report.words.delete(identity);
    report.count -= 1;
    const left = (report.reasons[reason] ?? 1) - 1;
    if (left > 0) report.reasons[reason] = left;
    else delete report.reasons[reason];
    if (report.count === 0) reports.delete(offset);
  }
}
