export { epochOf } from "./epoch.ts";
export {
  DAY_MS,
  DEFAULT_LOG_OPTIONS,
  type LogOptions,
  type ResolvedLogOptions,
  resolveLogOptions,
} from "./log-options.ts";
export { type Blob, type BlobStore, isBlobHash, type PutPart, type StoredThing } from "./blob-store.ts";
export { MemoryLog } from "./memory-log.ts";
export { BusChannels } from "./bus-channels.ts";
export { MemoryBus } from "./memory-bus.ts";
export { asQuestion, decideOnce, type OnceDecision, type ProducerMark } from "./once.ts";
export { ReadBudget } from "./read-budget.ts";
export { logIsClosed, StatusBoard, unavailable } from "./status-board.ts";
export { TailBoard } from "./tail-board.ts";
export { toTextPage } from "./text-page.ts";
export { openLog } from "./open-log.ts";
export { makeFolder } from "./made-folder.ts";
export { FolderLock } from "./sqlite/folder-lock.ts";
export { LogView } from "./sqlite/log-view.ts";
export { backupLog, restoreLog, type CopyProgress } from "./sqlite/backup.ts";
export type {
  CopiedProducer,
  CopiedRoom,
  CopyMark,
  CopySource,
  CopyTarget,
  RoomLack,
} from "./copy/copied-room.ts";
export { copyRooms, type CopyRoomsProgress } from "./copy/copy-rooms.ts";
export { type CopyPlan, planCopy, type PlanProgress } from "./copy/plan-copy.ts";
export { type CopyVerdict, verifyCopy } from "./copy/verify-copy.ts";
export { SqliteCopySource } from "./sqlite/copy-source.ts";
export { SqliteCopyTarget } from "./sqlite/copy-target.ts";
export { deleteRoom, type DeleteOutcome, type DeleteProgress } from "./sqlite/delete-room.ts";
export { LogHost, type LogHostOptions } from "./remote/log-host.ts";
export { RemoteLog, type RemoteLogOptions } from "./remote/remote-log.ts";
export type * from "./room-log.ts";
export type { BusListening, SignalBus } from "./signal-bus.ts";
export { isSideRoom, sideRoom } from "./side-room.ts";
export { SqliteLog, type SqliteLogOptions } from "./sqlite-log.ts";
export { KEEP_EVERYTHING } from "./room-log.ts";
