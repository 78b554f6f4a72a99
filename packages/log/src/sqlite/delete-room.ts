import type { DatabaseSync } from "node:sqlite";
import { CodedError } from "@parlor/base";
import { existingLog } from "./existing-log.ts";
import { KEEP_EVERYTHING } from "../room-log.ts";
import { sideRoom } from "../side-room.ts";
import { Checkpoints } from "./checkpoints.ts";
import { FolderLock } from "./folder-lock.ts";
import { Forgetter } from "./forgetter.ts";
import { requireReadable } from "./log-view.ts";
import { makeDurable, openConnection } from "./open-database.ts";
import { faultOf } from "./storage-fault.ts";
import { Store } from "./store.ts";
import { Unpurged } from "./unpurged.ts";

/** Ids of messages that one transaction looks at. */
const IDS_AT_ONCE = 20_000;

/**
 * How far it is: `removing` goes from 0 to 1; `rewriting`, which takes about as long as copying the whole
 * file, is told once.
 */
export type DeleteProgress = (step: "removing" | "rewriting", share: number) => void;

/** `finished`: nothing was stored under that name, but something of rooms deleted before was left in the files. */
export type DeleteOutcome = "deleted" | "finished";

/**
 * Deletes a room of a log that no server has: its messages and producers are gone when this returns, from
 * every place in the log's files. Its name stays, so that who had a cursor there is told, when it is
 * written to again, that the history is another one. Damaged records go with the rest.
 *
 * `forgetCopies` is called once it is known that there is something to do, while nobody else may have the folder: for
 * what the caller keeps beside the log. What it throws breaks the call off.
 *
 * Where it breaks off, the room is as good as deleted, and the next call finishes what was left.
 *
 * @throws {CodedError} `no-log`; `log-not-ours`, `log-format`; `log-in-use`: a server has the folder;
 *   `no-room`: nothing of that name is stored; `unavailable`: the disk did not take it, in words.
 */
export function deleteRoom(
  folder: string,
  room: string,
  progress: DeleteProgress,
  forgetCopies: () => void = () => undefined,
): DeleteOutcome {
  const file = existingLog(folder);
  const lock = FolderLock.take(folder);
  try {
    const db = openConnection(file);
    try {
      requireReadable(db, file);
      makeDurable(db);
      return eraseRoom(db, room, progress, forgetCopies);
    } catch (error) {
      if (error instanceof CodedError) throw error;
      throw new CodedError(
        "unavailable",
        `it is not done, and can be said again: ${faultOf(error).message}`,
        {
          cause: error,
        },
      );
    } finally {
      db.close();
    }
  } finally {
    lock.release();
  }
}

function eraseRoom(
  db: DatabaseSync,
  room: string,
  progress: DeleteProgress,
  forgetCopies: () => void,
): DeleteOutcome {
  const forgetter = new Forgetter(db, new Store(db), KEEP_EVERYTHING, () => undefined);
  // From here on the room is gone for everybody, and its old id is among the doomed.
  const wasThere = [room, sideRoom("state", room)].map((name) => forgetter.delete(name)).includes(true);
  const doomed = db
    .prepare("SELECT room FROM doomed")
    .all()
    .map(({ room: id }) => Number(id));
  const unpurged = new Unpurged(db);
  if (!wasThere && doomed.length === 0 && !unpurged.isNoted)
    throw new CodedError("no-room", `nothing is stored in a room named ${JSON.stringify(room)}`);
  forgetCopies();
  removeRows(db, doomed, progress);
  progress("rewriting", 0);
  // Removed rows are overwritten where they stood; copies of them that SQLite left behind in the unused
  // parts of pages go only when the file is written anew (remnants.ts).
  db.exec("VACUUM");
  new Checkpoints(db, () => undefined).empty();
  // Last, so that a call after one that broke off finds what is left to do.
  for (const id of doomed) db.prepare("DELETE FROM doomed WHERE room = ?").run(id);
  unpurged.forget();
  return wasThere ? "deleted" : "finished";
}

/**
 * By the rooms' ids alone, wherever the rows are: unlike the server's removal, which goes from message to
 * message, it is stopped by no damage.
 */
function removeRows(db: DatabaseSync, doomed: readonly number[], progress: DeleteProgress): void {
  const newest = Number(db.prepare("SELECT coalesce(max(id), 0) AS id FROM messages").get()?.["id"]);
  const removeStretch = db.prepare("DELETE FROM messages WHERE id > ? AND id <= ? AND room = ?");
  for (let from = 0; from < newest; from += IDS_AT_ONCE) {
    inTransaction(db, () => {
      for (const id of doomed) removeStretch.run(from, from + IDS_AT_ONCE, id);
    });
    progress("removing", Math.min(1, (from + IDS_AT_ONCE) / newest));
  }
  inTransaction(db, () => {
    for (const id of doomed) {
      for (const table of ["anchors", "producers"]) db.prepare(`DELETE FROM ${table} WHERE room = ?`).run(id);
      // A server that opens the file before this is through finds nothing left to walk.
      db.prepare("UPDATE doomed SET head = earliest - 1 WHERE room = ?").run(id);
    }
  });
}

function inTransaction(db: DatabaseSync, work: () => void): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    work();
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
