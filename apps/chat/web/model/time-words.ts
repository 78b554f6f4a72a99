import { dayOf, type Day } from "./day.ts";

const CLOCK_TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const DAY_OF_YEAR = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const DAY_AND_YEAR = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });

/** "17:02", in the reader's own manner. */
export function clockTime(atMs: number): string {
  return CLOCK_TIME.format(atMs);
}

export function fullTime(atMs: number): string {
  return FULL.format(atMs);
}

/** "Today", "Yesterday", or the date; with its year where that is not this one. */
export function dayWords(day: Day, today: Day): string {
  if (day === today) return "Today";
  const date = new Date(`${day}T00:00:00`);
  const next = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1);
  if (dayOf(next.getTime()) === today) return "Yesterday";
  return (day.slice(0, 4) === today.slice(0, 4) ? DAY_OF_YEAR : DAY_AND_YEAR).format(date);
}
