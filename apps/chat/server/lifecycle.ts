import { type Clock, systemClock } from "@parlor/base";
import type { RoomLog } from "@parlor/log";

/** npm and a terminal both pass Ctrl-C on; what comes within this time is the same wish, in ms. */
export const SAME_WISH_MS = 1_000;

/** Draining ends after this, done or not, in ms: supervisors kill after ten seconds. */
const DRAIN_DEADLINE_MS = 9_500;

/** The disk failed (`EX_SOFTWARE` has 70 too): whoever restarts us should look first. */
export const EXIT_LOG_FAILED = 70;

export const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

export type EndSignal = keyof typeof SIGNAL_NUMBERS;

/** What the end of a process touches, so that a test can watch it. */
export interface ProcessEnd {
  readonly clock: Clock;
  onSignal(listener: (signal: EndSignal) => void): void;
  exit(code: number): void;
  say(line: string): void;
  complain(line: string): void;
}

/** What is ended: its log, and how it stops. */
export interface Ending {
  readonly log: Pick<RoomLog, "onStatus">;
  stop(): Promise<void>;
}

export const realProcess: ProcessEnd = {
  clock: systemClock,
  onSignal(listener) {
    process.on("SIGTERM", () => listener("SIGTERM"));
    process.on("SIGINT", () => listener("SIGINT"));
  },
  exit: (code) => process.exit(code),
  say: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
};

/**
 * Ends the process when it is asked to, or when the log says that nothing can be promised any more.
 *
 * The first SIGTERM or SIGINT drains and exits 0; one that comes more than a second later exits at once.
 * Nothing is lost by that: what was acknowledged is on disk, and whoever was not answered asks again.
 */
export function endWhenAsked(served: Ending, end: ProcessEnd, deadlineMs = DRAIN_DEADLINE_MS): void {
  let askedAtMs: number | null = null;
  let hasEnded = false;

  const exit = (code: number): void => {
    if (hasEnded) return;
    hasEnded = true;
    end.exit(code);
  };

  const drain = async (): Promise<void> => {
    end.say("Stopping: what was accepted is stored and answered.");
    end.clock.after(deadlineMs, () => {
      end.complain("Some connections did not end in time; they come back after the restart.");
      exit(0);
    });
    try {
      await served.stop();
      exit(0);
    } catch (error) {
      end.complain(`Stopping failed: ${error instanceof Error ? error.message : String(error)}`);
      exit(1);
    }
  };

  end.onSignal((signal) => {
    if (askedAtMs === null) {
      askedAtMs = end.clock.monotonic();
      void drain();
    } else if (end.clock.monotonic() - askedAtMs > SAME_WISH_MS) {
      exit(128 + SIGNAL_NUMBERS[signal]);
    }
  });

  tellOfLog(served.log, end, exit);
}

/** Says what becomes of a log, and ends the process when nothing can be promised any more. */
export function tellOfLog(
  log: Ending["log"],
  end: Pick<ProcessEnd, "say" | "complain">,
  exit: (code: number) => void,
): void {
  log.onStatus((status) => {
    switch (status.kind) {
      case "failed":
        end.complain(`The log failed and nothing more is accepted: ${status.message}`);
        exit(EXIT_LOG_FAILED);
        break;
      case "full":
      case "unreachable":
        end.complain(`Publishes are refused for now: ${status.message}`);
        break;
      case "ready":
        end.say("Publishes are taken again.");
        break;
      case "closed":
        break;
    }
  });
}
