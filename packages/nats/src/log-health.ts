import type { Clock } from "@parlor/base";
import { ClusterStatus } from "./cluster-status.ts";
import { FullStreams } from "./full-streams.ts";
import type { OpenedStreams } from "./log-streams.ts";
import type { NatsLink } from "./nats-link.ts";
import { SameLog, whyNotLed } from "./same-log.ts";
import { StreamLeaders } from "./stream-leaders.ts";

/** All that can keep a log from storing something, found out by looking at its streams twice a second. */
export class LogHealth {
  readonly status = new ClusterStatus();
  readonly sameLog: SameLog;
  readonly full: FullStreams;
  readonly #leaders: StreamLeaders;

  constructor(link: NatsLink, { subjects, epoch, reports }: OpenedStreams, clock: Clock) {
    this.sameLog = new SameLog(link, subjects, epoch, (message) => this.status.fail(message));
    this.full = new FullStreams(clock, (message) => this.status.setFull(message));
    this.#leaders = new StreamLeaders({
      streams: reports.map(({ name }) => name),
      ask: async (stream) => {
        const end = await link.end(stream);
        await this.sameLog.see(stream, end.madeAt);
        this.full.see(stream, end);
      },
      clock,
      onChange: (stream, isLed, why) => this.status.setLed(stream, isLed, whyNotLed(why)),
    });
  }

  /** Looks no more; what it says of the log stays. */
  close(): void {
    this.#leaders.close();
  }
}
