import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { ParlorOptions } from "@parlor/server";
import { temporaryFolder } from "./sqlite-folder.ts";
import { within } from "./within.ts";

export interface ChildParlor {
  readonly port: number;
  /** Resident memory of the process after a collection, in bytes. */
  residentBytes(): Promise<number>;
  /** What buffers take outside of its heap after a collection, in bytes, written to or not. */
  bufferBytes(): Promise<number>;
}

/** A Parlor with a log on disk in a process of its own, which ends with its test. */
export async function childParlor(
  t: TestContext,
  options: Omit<ParlorOptions, "log" | "clock" | "random" | "logger"> = {},
): Promise<ChildParlor> {
  const folder = await temporaryFolder(t);
  const child = fork(join(import.meta.dirname, "child-server.ts"), [folder, JSON.stringify(options)], {
    execArgv: ["--expose-gc"],
    serialization: "advanced",
  });
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  const answer = async <Answer>(): Promise<Answer> => {
    const [message] = (await within(once(child, "message"), "a word of the server's process")) as [Answer];
    return message;
  };
  const { port } = await answer<{ port: number }>();
  const memory = async (): Promise<{ readonly rss: number; readonly arrayBuffers: number }> => {
    child.send("memory");
    return await answer();
  };
  return {
    port,
    residentBytes: async () => (await memory()).rss,
    bufferBytes: async () => (await memory()).arrayBuffers,
  };
}
