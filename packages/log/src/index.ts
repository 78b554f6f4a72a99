export { DEFAULT_LOG_OPTIONS, type LogOptions } from "./log-options.ts";
export { MemoryLog } from "./memory-log.ts";
export { openLog } from "./open-log.ts";
export { backupLog, restoreLog, type CopyProgress } from "./sqlite/backup.ts";
export { LogHost, type LogHostOptions } from "./remote/log-host.ts";
export { RemoteLog, type RemoteLogOptions } from "./remote/remote-log.ts";
export type * from "./room-log.ts";
export { SqliteLog, type SqliteLogOptions } from "./sqlite-log.ts";
export { KEEP_EVERYTHING } from "./room-log.ts";
