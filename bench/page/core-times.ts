/** Of Chromium's trace; times are in microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** Of a core, where Chromium knows it. */
  readonly tdur?: number;
}

/**
 * Of each task, what it took of a core, in microseconds.
 *
 * A trace tells a thread's time of a core in whole microseconds from event to event, and twice a second sets right what
 * that left out: 1 to 2 ms where there are many events. It falls on whatever is under way, a small event mostly, which
 * then took more of its core than it lasted. So much is not the task's.
 *
 * @param tasks of one thread
 * @param events all of the trace
 */
export function coreTimes(tasks: readonly TraceEvent[], events: readonly TraceEvent[]): readonly number[] {
  const [{ pid, tid } = { pid: 0, tid: 0 }] = tasks;
  const impossible = events.filter((event) => event.pid === pid && event.tid === tid && beyond(event) > 0);
  return tasks.map(({ ts, dur = 0, tdur = 0 }) => {
    const within = impossible.filter((event) => event.ts >= ts && event.ts < ts + dur);
    return tdur - Math.max(0, ...within.map(beyond));
  });
}

function beyond({ dur = 0, tdur = 0 }: TraceEvent): number {
  return tdur - dur;
}
