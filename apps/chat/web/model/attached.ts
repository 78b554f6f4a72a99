import type { ReadonlySignal } from "@preact/signals";
import type { MessageFile } from "./message-files.ts";

/** What is attached to the message that is being written; the part of the page that uploads it comes later. */
export interface Attached {
  /** busy: something is on its way, or failed. */
  readonly state: ReadonlySignal<"none" | "busy" | "ready">;
  /** What is ready, for the message that is sent now; it is attached no longer. */
  take(): readonly MessageFile[];
}
