/** What of a room's moderation stands in the page itself; the dialogs are a part of their own. */
export { ActLine } from "./act-line.tsx";
export { Pins } from "./pins.tsx";
export { Rules } from "./rules.tsx";
export { RoomButton } from "./room-button.tsx";
export { followModeration } from "../../model/moderation/follow.ts";
