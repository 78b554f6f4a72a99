export {
  ParlorSocket,
  type ParlorSocketClass,
  type ParlorSocketOptions,
  type ResumingEvents,
} from "./parlor-socket.ts";
export type { ResumingOptions } from "./socket-class.ts";
