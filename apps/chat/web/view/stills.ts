/** What most visits never see: a room with nothing in it, an address of no room, words of what was not taken. */
export { EmptyRoom } from "./empty-room.tsx";
export { NotARoom } from "./not-a-room.tsx";
export { UntakenWords } from "./untaken-words.tsx";
