import type { Clock, TimerHandle } from "@parlor/base";

interface Event {
  readonly dueMs: number;
  /** Events of one moment happen in the order in which they were set. */
  readonly order: number;
  task: (() => void) | null;
}

/** Simulated time: it moves from one event to the next, and `next` is the only thing that moves it. */
export class EventClock implements Clock {
  /** Events that happened. */
  steps = 0;
  /** A binary heap, the next event first. */
  readonly #events: Event[] = [];
  #nowMs = 0;
  #wallMs = Date.UTC(2025, 10, 22, 12);
  #order = 0;

  now(): number {
    return this.#wallMs + this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): TimerHandle {
    const event: Event = { dueMs: this.#nowMs + Math.max(1, delayMs), order: this.#order++, task };
    this.#push(event);
    return { timer: event };
  }

  cancel(handle: TimerHandle): void {
    (handle.timer as Event).task = null;
  }

  /** The wall clock jumps; nothing else notices. */
  jump(ms: number): void {
    this.#wallMs += ms;
  }

  /** Lets the next event happen; false where there is none. */
  next(): boolean {
    for (let event = this.#pop(); event !== undefined; event = this.#pop()) {
      if (event.task === null) continue;
      this.#nowMs = event.dueMs;
      this.steps += 1;
      event.task();
      return true;
    }
    return false;
  }

  #push(event: Event): void {
    const events = this.#events;
    let at = events.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, events[parent] as Event)) break;
      events[at] = events[parent] as Event;
      at = parent;
    }
    events[at] = event;
  }

  #pop(): Event | undefined {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    if (first === undefined || last === undefined || events.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && isBefore(events[child + 1] as Event, events[child] as Event))
        child += 1;
      if (!isBefore(events[child] as Event, last)) break;
      events[at] = events[child] as Event;
      at = child;
    }
    events[at] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
