import { dirname } from "node:path";
import { RemoteLog } from "@parlor/log";
import { type EndSignal, endWhenAsked, realProcess } from "../lifecycle.ts";
import type { Settings } from "../flag-table.ts";
import { isNats } from "../nats/open-nats.ts";
import type { OpenedLog } from "../opened-log.ts";
import { openKept, orFault, type Served, serveLog } from "../serve.ts";
import { liveAsChild } from "./child-life.ts";

/** One of several processes that serve one port, over the log of the owner. The supervisor starts it. */

/** So that the owner can close the log within the ten seconds that a supervisor of the system gives, in ms. */
const DRAIN_DEADLINE_MS = 8_500;

let ask: ((signal: EndSignal) => void) | null = null;

function takeOver(served: Served): void {
  endWhenAsked(
    {
      // Of the log's state the owner says what there is to say, once; what ends this process is its own.
      log: {
        onStatus: (listener) =>
          served.log.onStatus((status) => {
            if (status.kind === "failed") listener(status);
          }),
      },
      stop: () => served.stop(),
    },
    {
      ...realProcess,
      say: () => undefined,
      onSignal: (listener) => {
        ask = listener;
        realProcess.onSignal(listener);
      },
    },
    DRAIN_DEADLINE_MS,
  );
}

/** Of a cluster each worker is a node of its own; any other log is the owner's. */
async function openShared(settings: Settings, path: string, build: string): Promise<OpenedLog> {
  if (isNats(settings.log)) return openKept(settings, false);
  const log = await orFault(() => RemoteLog.open({ path, build }));
  return { log, bus: log.bus, close: () => log.close() };
}

liveAsChild({
  async start({ settings, version, path, number }) {
    const opened = await openShared(settings, path, version);
    const served = await serveLog(opened, settings, version, String(number), dirname(path));
    takeOver(served);
    return { kind: "serving", url: served.url, keptWhere: served.keptWhere };
  },
  stop: () => {
    // One that does not serve yet has accepted nothing.
    if (ask === null) realProcess.exit(0);
    else ask("SIGTERM");
  },
  orphaned: () => realProcess.exit(0),
});
