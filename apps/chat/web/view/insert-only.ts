/**
 * Chromium (156) leaves a row that changed its class in its old looks when it is moved by `moveBefore`, which the
 * renderer prefers; without it in what holds the row, it inserts.
 */
export function insertOnly(holder: HTMLElement | null): void {
  if (holder !== null) Object.assign(holder, { moveBefore: undefined });
}
