export type { Listening, ListenOptions } from "./listener.ts";
export type { ParlorOptions } from "./options.ts";
export { Parlor } from "./parlor.ts";
export { OptionError } from "./resolve-options.ts";
export type { Logger } from "./room/logger.ts";
export type { ReadPage, RoomHandle, ServerPublishOptions, ServerSubscribeOptions } from "./room-handle.ts";
export type * from "./session/hooks.ts";
