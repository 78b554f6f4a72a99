import { CodedError, systemClock } from "@parlor/base";

/** Where servers answer, they may be agreeing on who leads; where none is there, it may be starting. */
const AGREE_PATIENCE_MS = 60_000;
const START_PATIENCE_MS = 8_000;
const TRY_AGAIN_MS = 500;
const NOBODY_THERE = /refused|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/i;

/**
 * Tries again what a cluster can't do for now: one that is starting itself, that has lost who led its streams, or on
 * which several nodes make their streams at once, takes some seconds.
 */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const begunMs = systemClock.monotonic();
  // The clock's timers hold no process, and there is nothing else yet that does.
  const { port1: held } = new MessageChannel();
  held.onmessage = () => undefined;
  try {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const isForNow = error instanceof CodedError && error.code === "unavailable";
        const isAnswered = isForNow && !NOBODY_THERE.test(String(error.cause));
        const patienceMs = isAnswered ? AGREE_PATIENCE_MS : START_PATIENCE_MS;
        if (!isForNow || systemClock.monotonic() - begunMs > patienceMs) throw error;
        await new Promise<void>((fulfil) => systemClock.after(TRY_AGAIN_MS, fulfil));
      }
    }
  } finally {
    held.close();
  }
}
