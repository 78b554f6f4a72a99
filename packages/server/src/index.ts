export type { Listening, ListenOptions } from "./listener.ts";
export type { LogPromise, ParlorOptions } from "./options.ts";
export { CodedError } from "@parlor/base";
export { type Blob, type BlobStore, isBlobHash, type PutPart, type StoredThing } from "@parlor/log";
export { copyFiles, hasFiles } from "./files/copy-files.ts";
export { Files, type FilesOptions } from "./files/files.ts";
export { type FilesEnd, openFolderFiles, openSharedFiles } from "./files/files-end.ts";
export {
  findFiles,
  type FoundFiles,
  missingFiles,
  moveFileBytes,
  moveLedger,
  type MoveFilesProgress,
} from "./files/move-files.ts";
export { verifyFiles } from "./files/verify-files.ts";
export { holdsFile } from "./files/named-files.ts";
export { LEDGER_ROOM } from "./files/log-ledger.ts";
export { FolderBlobStore } from "./files/folder-blob-store.ts";
export type { IdentityHandle } from "./identity-handle.ts";
export type { ConnectionReading } from "./connection-readings.ts";
export type { OperatorHandle } from "./operator-handle.ts";
export type { OperatorVerdict } from "./operator-door.ts";
export type { BoundReading, TotalsReading } from "./server-readings.ts";
export type { ProcessFigures } from "./operator-nodes.ts";
export { bearerToken } from "./operator.ts";
export type { StatusSnapshot } from "./status-snapshot.ts";
export { Parlor } from "./parlor.ts";
export { OptionError } from "./resolve-options.ts";
export { type Logger, stderrLogger, talkativeLogger } from "./room/logger.ts";
export { OwnerMetrics, ownerUp, type OwnerReadings } from "./owner-metrics.ts";
export type { PresenceChange, ServerPresence } from "./presence-handle.ts";
export type { ReaderEffect, ReaderHandle, ReaderOptions, RoomReaderOptions } from "./reader-handle.ts";
export type {
  Projection,
  ReaderPosition,
  ReaderStep,
  RoomPosition,
  TakeOutcome,
} from "./reader/projection.ts";
export type { Gone, ReaderContext } from "./reader/sqlite-projection.ts";
export type { SignalTick } from "./room/signal-room.ts";
export type {
  ReadPage,
  RoomHandle,
  ServerPublishOptions,
  ServerSignal,
  ServerSubscribeOptions,
} from "./room-handle.ts";
export type * from "./session/hooks.ts";
export type * from "./session/request-handlers.ts";
export type { TailBatch, TailForm, TailMessages, TailStart } from "./tail-form.ts";
export type {
  FormResult,
  Published,
  TailFrom,
  Visit,
  VisitorCredentials,
  VisitorPublish,
} from "./visit.ts";
export type { FormFields } from "./transport/form-fields.ts";
