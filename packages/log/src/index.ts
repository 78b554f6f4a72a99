export type * from "./room-log.ts";
export { KEEP_EVERYTHING } from "./room-log.ts";
