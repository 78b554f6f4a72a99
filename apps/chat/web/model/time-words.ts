import { dayOf, type Day } from "./day.ts";
import { lazily } from "./lazily.ts";

// The first of a page takes a browser some ten milliseconds.
const clock = lazily(() => new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" }));
const full = lazily(() => new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" }));
const dayOfYear = lazily(
  () => new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" }),
);
const dayAndYear = lazily(() => new Intl.DateTimeFormat(undefined, { dateStyle: "full" }));

/** "17:02", in the reader's own manner. */
export function clockTime(atMs: number): string {
  return clock().format(atMs);
}

export function fullTime(atMs: number): string {
  return full().format(atMs);
}

/** "Today", "Yesterday", or the date; with its year where that is not this one. */
export function dayWords(day: Day, today: Day): string {
  if (day === today) return "Today";
  const date = new Date(`${day}T00:00:00`);
  const next = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1);
  if (dayOf(next.getTime()) === today) return "Yesterday";
  return (day.slice(0, 4) === today.slice(0, 4) ? dayOfYear() : dayAndYear()).format(date);
}
