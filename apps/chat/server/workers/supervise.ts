import { systemRandom } from "@parlor/base";
import type { Settings } from "../flag-table.ts";
import type { ProcessEnd } from "../lifecycle.ts";
import { freePort } from "./free-port.ts";
import { Supervisor } from "./supervisor.ts";

/** Serves with as many workers as the settings say; returns while they are being started. */
export async function supervise(settings: Settings, version: string, end: ProcessEnd): Promise<void> {
  const port = settings.port === 0 ? await freePort(settings.host, systemRandom) : settings.port;
  new Supervisor({ ...settings, port }, version, end).start();
}
