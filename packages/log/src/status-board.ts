import { CodedError } from "@parlor/base";
import type { LogStatus } from "./room-log.ts";

/** The status of a log, and who wants to hear of its changes. `failed` and `closed` are not left again. */
export class StatusBoard {
  readonly #listeners = new Set<(status: LogStatus) => void>();
  #status: LogStatus = { kind: "ready" };

  get status(): LogStatus {
    return this.#status;
  }

  listen(listener: (status: LogStatus) => void): () => void {
    const own = (status: LogStatus): void => listener(status);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  change(status: LogStatus): void {
    const { kind } = this.#status;
    if (kind === status.kind || kind === "closed" || (kind === "failed" && status.kind !== "closed")) return;
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }
}

/** The one error of a log: it can't serve this now. */
export function unavailable(message: string, cause?: unknown): CodedError<"unavailable"> {
  return new CodedError("unavailable", message, cause === undefined ? {} : { cause });
}

export function logIsClosed(): CodedError<"unavailable"> {
  return unavailable("the log is closed");
}
