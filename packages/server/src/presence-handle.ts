import type { PresenceFrame } from "@parlor/protocol";
import { faultText } from "./room/logger.ts";
import { PresenceReader, type PresenceRoom } from "./room/presence-room.ts";
import type { Services } from "./session/services.ts";

/** Who is in a room, as the server's own code has it. */
export interface ServerPresence {
  /** Identities that subscribe with `presence`, in every process. */
  readonly count: number;
  /** Each with its profile, null where it has none; null where there are so many that they are only counted. */
  readonly members: ReadonlyMap<string, unknown> | null;
}

/** A change of it. Where there are so many that they are only counted, `joined` and `left` are empty. */
export interface PresenceChange {
  readonly count: number;
  /** Also who is there already and shows another profile. */
  readonly joined: readonly { readonly identity: string; readonly profile: unknown }[];
  readonly left: readonly string[];
}

type Present = Pick<Services, "presences" | "counters" | "logger">;

/** Calls `onFrame` with what a connection would be told; the server itself is not shown. */
function readPresence(
  { presences }: Present,
  name: string,
  onFrame: (frame: PresenceFrame) => void,
): { close(): void } {
  const room: PresenceRoom = presences.acquire(name);
  const sendPresence = ({ texts }: { readonly texts: readonly string[] }): void => {
    for (const text of texts) onFrame(JSON.parse(text) as PresenceFrame);
  };
  const reader = new PresenceReader(room, { isWritable: true, group: null, sendPresence }, null);
  room.join(reader);
  let isOpen = true;
  return {
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      room.leave(reader);
      presences.release(room);
    },
  };
}

/** Fulfils with what is known as soon as the other processes have said what they know, within 1 s. */
export function presenceOf(services: Present, name: string): Promise<ServerPresence> {
  return new Promise((resolve) => {
    const reading = readPresence(services, name, ({ count, joined }) => {
      const members = joined?.map(({ identity, profile }) => [identity, profile] as const);
      resolve({ count, members: members === undefined ? null : new Map(members) });
      reading.close();
    });
  });
}

/** Follows it until `close`: first with all who are there, then with each change. */
export function followPresence(
  services: Present,
  name: string,
  listener: (change: PresenceChange) => void,
): { close(): void } {
  const there = new Set<string>();
  return readPresence(services, name, ({ full, count, joined = [], left = [] }) => {
    const gone = [...left];
    if (full === true) {
      const named = new Set(joined.map(({ identity }) => identity));
      // Who is only counted from now on has not left.
      if (joined.length > 0 || count === 0)
        gone.push(...[...there].filter((identity) => !named.has(identity)));
      there.clear();
    }
    for (const { identity } of joined) there.add(identity);
    for (const identity of left) there.delete(identity);
    try {
      listener({ count, joined, left: gone });
    } catch (fault) {
      services.counters.internalFaults += 1;
      services.logger.error("A listener of presence threw.", { fault: faultText(fault) });
    }
  });
}
