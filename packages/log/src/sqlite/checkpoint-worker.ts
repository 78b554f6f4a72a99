import { parentPort } from "node:worker_threads";
import type { DatabaseSync } from "node:sqlite";
import { makeDurable, openConnection } from "./open-database.ts";
import { faultOf, type StorageFault } from "./storage-fault.ts";

export type CheckpointRequest =
  | { readonly kind: "open"; readonly file: string }
  | { readonly kind: "copy" }
  | { readonly kind: "close" };

export type CheckpointMessage =
  | { readonly kind: "opened" }
  | { readonly kind: "not-opened"; readonly fault: StorageFault }
  | { readonly kind: "fault"; readonly fault: StorageFault };

/** Entry of the thread that copies the write-ahead log into the file, beside the commits. */
if (parentPort === null) throw new Error("this file is the entry of a worker thread");
const port = parentPort;
let db: DatabaseSync | undefined;

const tell = (message: CheckpointMessage): void => port.postMessage(message);

port.on("message", (request: CheckpointRequest) => {
  switch (request.kind) {
    case "open":
      try {
        db = openConnection(request.file);
        makeDurable(db);
        tell({ kind: "opened" });
      } catch (error) {
        tell({ kind: "not-opened", fault: faultOf(error) });
      }
      break;
    case "copy":
      try {
        db?.prepare("PRAGMA wal_checkpoint(PASSIVE)").get();
      } catch (error) {
        tell({ kind: "fault", fault: faultOf(error) });
      }
      break;
    case "close":
      if (db?.isOpen === true) db.close();
      port.close();
      break;
  }
});
