import { parentPort } from "node:worker_threads";
import { Writer } from "./writer.ts";
import type { WriterMessage, WriterRequest } from "./writer-messages.ts";

/** Entry of the writer's thread: the only one that changes the file. */
if (parentPort === null) throw new Error("this file is the entry of a worker thread");
const port = parentPort;

const writer = new Writer((message: WriterMessage) => {
  if (message.kind === "appended") port.postMessage(message, [message.results.buffer]);
  else port.postMessage(message);
});

port.on("message", (request: WriterRequest) => {
  writer.handle(request);
  // The port is what keeps this thread alive.
  if (request.kind === "close") port.close();
});
