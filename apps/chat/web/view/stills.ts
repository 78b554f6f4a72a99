/**
 * What most visits never see: a room with nothing in it, an address of no room, words of what was not taken or not
 * found, the way up to where one stopped reading.
 */
export { EmptyRoom } from "./empty-room.tsx";
export { MissedWords } from "./missed-words.tsx";
export { NotARoom } from "./not-a-room.tsx";
export { UnreadButton } from "./unread-button.tsx";
export { UntakenWords } from "./untaken-words.tsx";
