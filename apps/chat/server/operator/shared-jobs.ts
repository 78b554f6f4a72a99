import { randomId, systemClock } from "@parlor/base";
import type { SignalBus } from "@parlor/log";
import { OnlyOne } from "../nats/only-one.ts";
import type { Job, OperatorJobs } from "./operator-jobs.ts";

/**
 * Has what operators asked for done by one of several nodes, and by the next one where that is gone: each act stands in
 * the log until it is done, so who takes over goes on. Two that can't hear each other may both do it; it costs the walk
 * through the log twice, and changes nothing.
 */
export class SharedJobs {
  readonly #one: OnlyOne;
  #jobs: OperatorJobs | null = null;

  /** @param begin  Takes up what is not finished. */
  constructor(bus: SignalBus, begin: () => OperatorJobs) {
    this.#one = new OnlyOne({
      what: "jobs",
      id: randomId(12),
      bus,
      clock: systemClock,
      onChange: (isThis) => {
        this.#jobs?.close();
        this.#jobs = isThis ? begin() : null;
      },
    });
  }

  /** None at the nodes that do nothing. */
  get shown(): readonly Job[] {
    return this.#jobs?.shown ?? [];
  }

  close(): void {
    this.#one.close();
  }
}
