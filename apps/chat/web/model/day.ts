/** A day of the reader's own calendar, as `YYYY-MM-DD`. */
export type Day = string;

export function dayOf(atMs: number): Day {
  const date = new Date(atMs);
  const month = `${date.getMonth() + 1}`.padStart(2, "0");
  return `${date.getFullYear()}-${month}-${`${date.getDate()}`.padStart(2, "0")}`;
}
