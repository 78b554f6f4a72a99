/**
 * What most visits never see, or not at first: a room with nothing in it, an address of no room, words of what was not
 * taken, not found or not to be read, the ways to where one stopped reading and to the newest message.
 */
export { EmptyRoom } from "./empty-room.tsx";
export { FailedHistory } from "./failed-history.tsx";
export { JumpButton } from "./jump-button.tsx";
export { MissedWords } from "./missed-words.tsx";
export { NotARoom } from "./not-a-room.tsx";
export { UnreadButton } from "./unread-button.tsx";
export { UntakenWords } from "./untaken-words.tsx";
