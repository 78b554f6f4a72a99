import { SqliteLog } from "@parlor/log";
import { Parlor, type ParlorOptions } from "@parlor/server";

/** Run as a process of its own, so that its memory is its own: see child-parlor.ts. */
const [folder = "", optionsJson = "{}"] = process.argv.slice(2);
const log = await SqliteLog.open({ folder });
const options = JSON.parse(optionsJson) as Omit<ParlorOptions, "log">;
const parlor = new Parlor({ publishPerSecond: Infinity, connectionsPerAddress: Infinity, ...options, log });
const { port } = await parlor.listen({ port: 0 });
process.on("message", () => {
  // Twice, since what the first frees of native memory the second finds.
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, arrayBuffers } = process.memoryUsage();
  process.send?.({ rss, arrayBuffers });
});
// The parent is gone, and with it the reason to live.
process.on("disconnect", () => process.exit(0));
process.send?.({ port });
