const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

export function count(value: number): string {
  return WHOLE.format(value);
}

export function tenths(value: number): string {
  return value >= 100 ? WHOLE.format(value) : TENTHS.format(value);
}

/** "12.4 MB". */
export function bytes(value: number): string {
  let [rest, unit] = [value, 0];
  while (rest >= 1_000 && unit < UNITS.length - 1) {
    rest /= 1_024;
    unit += 1;
  }
  return `${tenths(rest)} ${UNITS[unit] ?? ""}`;
}

export function moment(atMs: number): string {
  return WHEN.format(atMs);
}

/** "3 d 4 h", "12 min", "40 s". */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
