import type { OwnWords, Retention } from "../room-log.ts";
import type { AppendColumns, ResultColumns } from "./append-columns.ts";
import type { RoomEvent } from "./forgetter.ts";
import type { StorageFault } from "./storage-fault.ts";

/** What the main thread asks of the writer. Requests are served in the order they are sent. */
export type WriterRequest =
  | {
      readonly kind: "open";
      readonly file: string;
      /** For a file that is made now. */
      readonly epoch: string;
      readonly retention: Retention;
      readonly producerRetentionMs: number;
    }
  | { readonly kind: "append"; readonly columns: AppendColumns }
  | { readonly kind: "trim"; readonly id: number; readonly room: string; readonly before: number }
  | {
      readonly kind: "redact";
      readonly id: number;
      readonly room: string;
      readonly offset: number;
      readonly own: OwnWords | undefined;
    }
  | { readonly kind: "delete"; readonly id: number; readonly room: string }
  /** Leave nothing of deleted rooms in the files. */
  | { readonly kind: "purge"; readonly id: number }
  /** Forget what grew old. */
  | { readonly kind: "sweep"; readonly now: number; readonly producersUsedBefore: number }
  /** Is there room on the disk again? */
  | { readonly kind: "probe" }
  | { readonly kind: "close" };

/** What the writer tells the main thread. Append groups are answered in their order. */
export type WriterMessage =
  | { readonly kind: "opened"; readonly epoch: string }
  | { readonly kind: "not-opened"; readonly fault: StorageFault }
  | { readonly kind: "appended"; readonly results: ResultColumns; readonly epochs: readonly string[] }
  | { readonly kind: "not-appended"; readonly fault: StorageFault }
  | { readonly kind: "done"; readonly id: number; readonly value: unknown }
  | { readonly kind: "not-done"; readonly id: number; readonly fault: StorageFault }
  | { readonly kind: "events"; readonly events: readonly RoomEvent[] }
  /** Something of the writer's own accord went wrong. */
  | { readonly kind: "fault"; readonly fault: StorageFault }
  | { readonly kind: "has-room" }
  /** The write-ahead log has grown: copy it into the file, in another thread. */
  | { readonly kind: "checkpoint-due" };
