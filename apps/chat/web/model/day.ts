/** A day of the reader's own calendar, as `YYYY-MM-DD`. */
export type Day = string;

// Told apart by these alone, so that 400 messages of one day format one date.
let known: { fromMs: number; toMs: number; day: Day } | null = null;

export function dayOf(atMs: number): Day {
  if (known !== null && atMs >= known.fromMs && atMs < known.toMs) return known.day;
  const date = new Date(atMs);
  const start = new Date(date.getFullYear(), date.getMonth(), date.getDate());
  const end = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1);
  const day = [
    date.getFullYear(),
    `${date.getMonth() + 1}`.padStart(2, "0"),
    `${date.getDate()}`.padStart(2, "0"),
  ].join("-");
  known = { fromMs: start.getTime(), toMs: end.getTime(), day };
  return day;
}
