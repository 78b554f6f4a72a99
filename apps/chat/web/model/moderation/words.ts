import type { Mode, Right } from "@parlor/moderation/shapes";

/** Also what the server says where it means: until it is lifted. */
export const FOREVER = 8.64e15;

export const RIGHT_WORDS: Readonly<Record<Right, string>> = {
  owner: "Owner",
  moderator: "Moderator",
  poster: "Poster",
  reader: "Reader",
};

export const MODE_WORDS: Readonly<Record<Mode, { readonly label: string; readonly hint: string }>> = {
  open: { label: "Open", hint: "Everybody reads and writes." },
  "read-only": { label: "Read-only", hint: "Everybody reads; who has a poster link writes." },
  "link-only": { label: "Link-only", hint: "Only who has a link reads; who has a poster link writes." },
};

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** How long something is to hold; null for ever. */
export const SPANS: readonly { readonly label: string; readonly ms: number | null }[] = [
  { label: "10 minutes", ms: 10 * MINUTE_MS },
  { label: "1 hour", ms: 60 * MINUTE_MS },
  { label: "1 day", ms: DAY_MS },
  { label: "1 week", ms: 7 * DAY_MS },
  { label: "until it is lifted", ms: null },
];

export const EXPIRIES: readonly { readonly label: string; readonly ms: number | null }[] = [
  { label: "1 hour", ms: 60 * MINUTE_MS },
  { label: "1 day", ms: DAY_MS },
  { label: "1 week", ms: 7 * DAY_MS },
  { label: "30 days", ms: 30 * DAY_MS },
  { label: "never", ms: null },
];

export const SLOWNESSES: readonly number[] = [0, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];

/** "30 seconds", "5 minutes". */
export function spanWords(ms: number): string {
  const [count, unit] = ms < MINUTE_MS ? [ms / 1_000, "second"] : [ms / MINUTE_MS, "minute"];
  const rounded = Math.ceil(count);
  return `${rounded} ${unit}${rounded === 1 ? "" : "s"}`;
}

/** "until 14:05", "until 3 Dec, 14:05"; empty where it is until it is lifted. */
export function untilWords(until: number | null | undefined, nowMs: number): string {
  if (until === null || until === undefined || until >= FOREVER) return "";
  const isToday = until - nowMs < DAY_MS / 2;
  const day: Intl.DateTimeFormatOptions = isToday ? {} : { day: "numeric", month: "short" };
  return ` until ${new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", ...day }).format(until)}`;
}

export function errorWords(error: unknown): string {
  return error instanceof Error ? error.message : "It could not be done.";
}
