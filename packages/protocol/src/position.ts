/** A message's place: offsets mean something only within their epoch. */
export interface Position {
  readonly epoch: string;
  /** 0 is "before the first". */
  readonly offset: number;
}

export const MAX_EPOCH_CHARACTERS = 64;

const EPOCH = /^[A-Za-z0-9._-]{1,64}$/;

export function isEpoch(value: unknown): value is string {
  return typeof value === "string" && EPOCH.test(value);
}

/** A whole number from 0 to 2⁵³ − 1. */
export function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}

/** Reads a number as it stands in an address or a header: ASCII digits, no sign, no leading zero. */
export function parseOffset(text: string): number | null {
  const offset = Number(text);
  return String(offset) === text && isOffset(offset) ? offset : null;
}

/** `epoch:offset`, the form in an event's `id:` and in `Last-Event-ID`. */
export function formatPosition(position: Position): string {
  return `${position.epoch}:${position.offset}`;
}

/** Reads `epoch:offset`; null where it is anything else. */
export function parsePosition(text: string): Position | null {
  const colon = text.lastIndexOf(":");
  if (colon < 1) return null;
  const epoch = text.slice(0, colon);
  const offset = parseOffset(text.slice(colon + 1));
  return isEpoch(epoch) && offset !== null ? { epoch, offset } : null;
}
