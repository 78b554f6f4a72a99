import { LogHost, SqliteLog } from "@parlor/log";

/** Run as a process of its own, that a test kills: the owner of a log, for `child-worker.ts`. */
const [folder = "", path = ""] = process.argv.slice(2);
const log = await SqliteLog.open({ folder });
await LogHost.listen({ log, path });
// The parent is gone, and with it the reason to live.
process.on("disconnect", () => process.exit(0));
process.send?.({ port: 0 });
