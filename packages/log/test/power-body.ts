/** The body of a message in a run whose power is cut: every seventh is large, so that checkpoints come. */
export function powerBody(room: string, seq: number): string {
  return JSON.stringify(`${room}${seq}`.padEnd(seq % 7 === 0 ? 40_000 : 100, "."));
}

/** Whether the run erases that message, sooner or later. */
export function isEverErased(seq: number): boolean {
  return seq % 10 === 5;
}
