import { realProcess } from "../lifecycle.ts";
import { StartFault } from "../start-fault.ts";
import type { FromChild, ToChild } from "./messages.ts";

export const EXIT_NOT_AS_ASKED = 2;

type Start = Extract<ToChild, { kind: "start" }>;

/** What a process of the supervisor's does. */
export interface ChildWork {
  /** Begins its service; rejects with a `StartFault` where it can't be had. */
  start(start: Start): Promise<FromChild>;
  /** The supervisor wants it to end, in good order. */
  stop(): void;
  /** The supervisor is gone: nobody would start it again, so nothing may be held on to. */
  orphaned(): void;
}

/** Does as the supervisor says, and ends with it: a folder must not stay locked by a process that nobody knows. */
export function liveAsChild(work: ChildWork): void {
  const tell = (message: FromChild): void => {
    // Where the channel broke meanwhile, `disconnect` is told, too.
    process.send?.(message, undefined, undefined, () => undefined);
  };
  const start = async (message: Start): Promise<void> => {
    try {
      tell(await work.start(message));
    } catch (error) {
      if (!(error instanceof StartFault)) throw error;
      process.exitCode = EXIT_NOT_AS_ASKED;
      process.send?.(
        { kind: "fault", message: error.message } satisfies FromChild,
        undefined,
        undefined,
        () => realProcess.exit(EXIT_NOT_AS_ASKED),
      );
    }
  };
  process.on("message", (message: ToChild) => {
    if (message.kind === "start") void start(message);
    else work.stop();
  });
  process.on("disconnect", () => work.orphaned());
}
