import { parentPort } from "node:worker_threads";
import type { DatabaseSync } from "node:sqlite";
import { makeDurable, openConnection } from "./open-database.ts";
import { Reader } from "./reader.ts";
import type { ReaderMessage, ReaderRequest } from "./reader-messages.ts";
import { faultOf } from "./storage-fault.ts";

/** Entry of the reader's thread: reads go on while the writer waits for the disk. */
if (parentPort === null) throw new Error("this file is the entry of a worker thread");
const port = parentPort;
let db: DatabaseSync | undefined;
let reader: Reader | undefined;

const tell = (message: ReaderMessage): void => {
  // A text is handed over as it is, without a copy.
  const isText = message.kind === "done" && message.value.kind === "text";
  port.postMessage(message, isText ? [message.value.page.text.buffer] : []);
};

port.on("message", (request: ReaderRequest) => {
  switch (request.kind) {
    case "open":
      try {
        db = openConnection(request.file);
        makeDurable(db);
        db.exec("PRAGMA query_only=ON");
        reader = new Reader(db);
        tell({ kind: "opened" });
      } catch (error) {
        tell({ kind: "not-opened", fault: faultOf(error) });
      }
      break;
    case "ask":
      try {
        if (reader === undefined) throw new Error("the log's file is not open");
        tell({ kind: "done", id: request.id, value: reader.answer(request.question) });
      } catch (error) {
        tell({ kind: "not-done", id: request.id, fault: faultOf(error) });
      }
      break;
    case "close":
      if (db?.isOpen === true) db.close();
      port.close();
      break;
  }
});
