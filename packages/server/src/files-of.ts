import { FileCollector } from "./files/file-collector.ts";
import { FileDesk } from "./files/file-desk.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Counters } from "./room/counters.ts";
import { faultText } from "./room/logger.ts";
import type { BoundReading } from "./server-readings.ts";
import { BodyPlaces } from "./session/body-places.ts";

/** Files that are sent to one address at a time. */
const FILE_PLACES = 32;

/** What a server has of files. */
export interface OpenFiles {
  /** Null where it takes none. */
  readonly desk: FileDesk | null;
  readonly sends: BodyPlaces;
  readonly bounds: readonly BoundReading[];
  close(): void;
}

/** The files of these options; what they are kept in stays open, since it belongs to who opened it. */
export function openFilesOf(options: ResolvedOptions, counters: Counters): OpenFiles {
  const sends = new BodyPlaces(() => void (counters.filesPaced += 1), FILE_PLACES);
  const { files, log, clock, logger } = options;
  if (files === null) return { desk: null, sends, bounds: [], close() {} };
  const desk = new FileDesk(files.store, files.ledger, files.limits, clock);
  const collector = new FileCollector(files, desk, log, clock, {
    onCollected: (count) => void (counters.filesCollected += count),
    onFault: (fault) =>
      logger.warn("Files that nobody holds could not be looked for; it is tried again.", {
        fault: faultText(fault),
      }),
  });
  const { maxTotalBytes } = files.limits;
  const bound = { bound: "file_bytes", used: () => collector.totals.bytes, max: maxTotalBytes };
  return { desk, sends, bounds: [bound], close: () => collector.close() };
}
