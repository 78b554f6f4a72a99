/** What counts how much is unread: no page needs it before it shows a room. */
export { RoomWatch } from "./room-watch.ts";
export { afterTold, askUnread } from "./told-unread.ts";
