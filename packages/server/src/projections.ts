/**
 * What a projection of one's own is made of: one that lives on a thread of its own, or in another store. Everybody
 * else takes `parlor.reader`.
 */
export {
  isSamePosition,
  type Projection,
  type ReaderPosition,
  type ReaderStep,
  type RoomPosition,
  type TakeOutcome,
} from "./reader/projection.ts";
export { PositionTable } from "./reader/position-table.ts";
export {
  askForRebuild,
  IN_MEMORY,
  makeFolderOf,
  ReaderFile,
  removeReaderFile,
} from "./reader/reader-file.ts";
