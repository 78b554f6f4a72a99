import type { ChildProcess } from "node:child_process";

/** A connection of which only the system's side is known. */
interface Handle {
  close(): void;
}

/**
 * Closes the connection that was on its way to a worker when that died.
 *
 * `node:cluster` hands a worker one connection at a time and keeps its own hold of it until the worker says
 * that it has it. Of one that dies before, that hold is never let go, and whoever made the connection would
 * wait for an answer for ever. There is no public way to learn of it, so this looks at what is sent: where
 * Node does that otherwise one day, nothing is closed, and the test of it fails.
 */
export function closeLostHandovers(worker: ChildProcess): void {
  let last: Handle | null = null;
  const send = worker.send.bind(worker) as (...args: readonly unknown[]) => boolean;
  worker.send = (...args: readonly unknown[]): boolean => {
    const [message, handle] = args;
    if (isHandover(message) && isHandle(handle)) last = handle;
    return send(...args);
  };
  // Of one that arrived the hold is closed already, and closing it again does nothing.
  worker.once("exit", () => last?.close());
}

function isHandover(message: unknown): boolean {
  return typeof message === "object" && message !== null && "act" in message && message.act === "newconn";
}

function isHandle(handle: unknown): handle is Handle {
  return typeof handle === "object" && handle !== null && "close" in handle;
}
