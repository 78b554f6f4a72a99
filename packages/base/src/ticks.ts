import type { Clock, TimerHandle } from "./clock.ts";

/**
 * Calls `onTick` every `tickMs` of the clock until it is stopped: with how many ticks have passed since the start, and
 * how many since the last call. Ticks are time: they do not drift by what a call takes, and after a pause of the
 * process the first call says how many were left out.
 *
 * @returns Stops it; also from within `onTick`. Twice is the same as once.
 */
export function startTicks(
  clock: Clock,
  tickMs: number,
  onTick: (tick: number, passed: number) => void,
): () => void {
  const startedMs = clock.monotonic();
  let tick = 0;
  let timer: TimerHandle | null = null;
  let isStopped = false;
  const wait = (): void => {
    if (isStopped) return;
    const leftMs = startedMs + (tick + 1) * tickMs - clock.monotonic();
    timer = clock.after(Math.max(0, leftMs), () => {
      // A timer may come a little early, and the tick is the one that it was for.
      const now = Math.max(tick + 1, Math.floor((clock.monotonic() - startedMs) / tickMs));
      const passed = now - tick;
      tick = now;
      onTick(tick, passed);
      wait();
    });
  };
  wait();
  return () => {
    isStopped = true;
    if (timer !== null) clock.cancel(timer);
  };
}
