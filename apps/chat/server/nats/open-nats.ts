import { resolve } from "node:path";
import { CodedError } from "@parlor/base";
import { FolderLock, makeFolder } from "@parlor/log";
import type { NatsLog, WrongCopy } from "@parlor/nats";
import { stderrLogger } from "@parlor/server";
import type { Settings } from "../flag-table.ts";
import type { OpenedLog } from "../opened-log.ts";
import { readNatsAddress } from "./nats-address.ts";
import { patiently } from "./patiently.ts";

/**
 * A log on a cluster of NATS, and the bus between its nodes. What belongs to it is loaded here and nowhere else.
 *
 * @param locks  Whether this process keeps others out of the data folder.
 * @throws {CodedError} in words, where the address is none or the cluster can't be used
 */
export async function openNats(settings: Settings, locks: boolean): Promise<OpenedLog> {
  const address = readNatsAddress(settings.log);
  if (address === null) throw new CodedError("bad-log", "--log takes nats://HOST:4222,HOST:4222");
  const data = resolve(settings.data);
  makeFolder(data);
  const lock = locks ? FolderLock.take(data) : null;
  try {
    const { NatsBus, openNatsBlobs, openNatsLog, promiseOf, readSyncPolicies } = await import("@parlor/nats");
    const { retainMessages: messages, retainDays: days, retainBytes: bytes } = settings;
    const options = { url: address.url, retention: { messages, days, bytes }, onWrongCopy: sayWrong };
    const log = await patiently(() => openNatsLog(options));
    const blobs = !log.server.takesFiles
      ? null
      : await patiently(() => openNatsBlobs({ ...options, nodeId: log.nodeId })).catch(async (error) => {
          await log.close();
          throw error;
        });
    const bus = new NatsBus({ connection: log.connection });
    const { syncs, unreached } = await readSyncPolicies(address.monitors);
    const { version, cluster } = log.server;
    const promise = promiseOf(
      blobs === null ? log.streams : [...log.streams, blobs.stream],
      syncs,
      unreached,
    );
    return {
      log,
      bus,
      blobs: blobs ?? undefined,
      promise,
      moreMetrics: async () => metricsOf(log),
      keptWhere:
        `Rooms are kept on NATS ${version} at ${address.servers.join(", ")}${cluster === undefined ? "" : ` (cluster ${cluster})`}. ${promise.words} ` +
        `In ${data} is what this node made of them, such as the search. ${filesWords(blobs?.stream.name)}`,
      close: async () => {
        await bus.close();
        await blobs?.close();
        await log.close();
        lock?.release();
      },
    };
  } catch (error) {
    lock?.release();
    throw error;
  }
}

/** Once a minute at most. */
function sayWrong({ stream, sequence, room, server }: WrongCopy): void {
  const whose = server === null ? "one of its servers, which did not say its name" : `its leader, ${server}`;
  stderrLogger.warn("A copy of a record on NATS is wrong; what was right was read from another one.", {
    ...{ stream, sequence, whose },
    ...(room === null ? {} : { room }),
  });
}

function metricsOf({ wrongCopies, held }: Pick<NatsLog, "wrongCopies" | "held">): string {
  const metrics = [
    [
      "wrong_copies_total",
      "counter",
      "Answers of copies of a stream that had something else than what was right",
      wrongCopies,
    ],
    ["record_bytes", "gauge", "Bytes of records in memory, of all rooms; at most 64 MiB", held.recordBytes],
    [
      "rooms_open",
      "gauge",
      "Rooms that this node keeps up with; of those that nobody uses at most 10,000",
      held.rooms,
    ],
  ] as const;
  return metrics
    .map(([name, type, help, value]) => {
      const full = `parlor_nats_${name}`;
      return `# HELP ${full} ${help}.\n# TYPE ${full} ${type}\n${full} ${value}\n`;
    })
    .join("");
}

function filesWords(stream: string | undefined): string {
  return stream === undefined
    ? "Uploads are refused: the servers' max_payload is below 1 MiB."
    : `Files are kept on NATS, too, in the stream ${stream}.`;
}

export function isNats(log: string): boolean {
  return log.startsWith("nats://");
}
