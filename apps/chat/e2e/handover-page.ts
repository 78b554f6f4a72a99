/**
 * The page of `handovers.ts`, in the browser: one tab of a person who reads and writes a room, and tells all that it
 * sees of it.
 */
import { ParlorClient } from "@parlor/client";
import { tabsLink } from "@parlor/client/tabs";
import { RoomRecorder } from "@parlor/testkit";

const page = globalThis as unknown as {
  readonly location: Location;
  /** Of the browser's driver. */
  readonly tell: (text: string) => void;
  person?: RoomRecorder;
  kept?: () => Promise<void>;
};

const asked = new URLSearchParams(page.location.search);
const worker = asked.get("worker") ?? undefined;
const client = new ParlorClient(undefined, {
  // Over one connection alone, so that they can be counted: where a machine is slow, others would be tried beside it.
  transport: tabsLink(undefined, { worker, transports: ["websocket"] }),
});
page.person = new RoomRecorder({
  client,
  room: "lobby",
  name: asked.get("name") ?? "",
  recorder: { add: (event) => page.tell(JSON.stringify(event)) },
});

/** Fulfils once all that this tab wrote is the server's or on disk: what becomes of the tab then is not its end. */
page.kept = async () => {
  const isKept = async (): Promise<boolean> => {
    const own = client.room("lobby").outbox.filter(({ producer }) => producer === undefined);
    if (own.length === 0) return true;
    const databases = await indexedDB.databases();
    // To open one that is not there yet would make it, and without what it holds.
    if (!databases.some(({ name }) => name === "parlor.outbox")) return false;
    const keys = await keysOnDisk();
    return own.every(({ seq }) =>
      keys.some(([producer, , keptSeq]) => producer === client.producer && keptSeq === seq),
    );
  };
  while (!(await isKept()));
};

async function keysOnDisk(): Promise<readonly [producer: string, room: string, seq: number][]> {
  return await new Promise((resolve, reject) => {
    const opening = indexedDB.open("parlor.outbox");
    opening.onerror = () => reject(opening.error ?? new Error("it does not open"));
    opening.onsuccess = () => {
      const asking = opening.result.transaction("publishes").objectStore("publishes").getAllKeys();
      asking.onsuccess = () => {
        opening.result.close();
        resolve(asking.result as unknown as readonly [string, string, number][]);
      };
    };
  });
}
