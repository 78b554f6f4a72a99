import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { LogHost } from "@parlor/log";
import { OwnerMetrics } from "@parlor/server";
import { realProcess, tellOfLog } from "../lifecycle.ts";
import type { OpenedLog } from "../opened-log.ts";
import { openKept, orFault } from "../serve.ts";
import { liveAsChild } from "./child-life.ts";

/** The process that has the log, and serves it to the workers. The supervisor starts it. */

let opened: OpenedLog | null = null;
let host: LogHost | null = null;
/** Of the socket; the supervisor's, as long as there is one. */
let folder: string | null = null;

/** What the workers sent is stored, and what was stored is answered. */
async function close(): Promise<void> {
  await host?.close();
  await opened?.close();
  realProcess.exit(0);
}

// A terminal's Ctrl-C, and supervisors of systems, reach every process: the workers still need this one.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);

liveAsChild({
  async start({ settings, version, path }) {
    opened = await openKept(settings);
    const { log } = opened;
    tellOfLog(log, realProcess, (code) => realProcess.exit(code));
    const metrics = new OwnerMetrics({
      log,
      links: () => host?.linkCount ?? 0,
      waitingBytes: () => host?.waitingBytes ?? 0,
    });
    const about = (): string => metrics.text();
    host = await orFault(() => LogHost.listen({ log, path, build: version, about }));
    folder = dirname(path);
    return { kind: "opened" };
  },
  stop: () => void close(),
  orphaned: () => {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
    void close();
  },
});
