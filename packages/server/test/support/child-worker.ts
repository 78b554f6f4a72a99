import { RemoteLog } from "@parlor/log";
import { Parlor } from "@parlor/server";

/** Run as a process of its own, that a test kills: a server on the log of `child-owner.ts`. */
const [path = "", port = "0"] = process.argv.slice(2);
const log = await RemoteLog.open({ path });
const logger = { info() {}, warn() {}, error() {} };
const parlor = new Parlor({ log, logger, publishPerSecond: Infinity, connectionsPerAddress: Infinity });
const listening = await parlor.listen({ port: Number(port) });
// The parent is gone, and with it the reason to live.
process.on("disconnect", () => process.exit(0));
process.send?.({ port: listening.port });
