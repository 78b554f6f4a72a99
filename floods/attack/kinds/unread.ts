import { FULL_ROOM, type Flood } from "../../flood.ts";
import { CAPS, PER_ADDRESS } from "../../memory.ts";
import { clientFrame } from "../flood-socket.ts";
import { helloFrame } from "../attack.ts";

/** Slow enough that a bare copying of what they are sent does not fill the machine. */
const OPENED_PER_SECOND = 25;
const PAGES = 8;
const SUBSCRIBE = clientFrame(JSON.stringify({ type: "subscribe", room: FULL_ROOM, last: 500 }));
const HISTORY = clientFrame(JSON.stringify({ type: "history", id: 1, room: FULL_ROOM, limit: 500 }));

/** Subscribes to much, asks for more, and never reads a byte. */
export const neverReading: Flood = {
  name: "never-reading",
  about: `${PER_ADDRESS} connections behind 20 MB of a room, none reads`,
  memoryBytes: PER_ADDRESS * (CAPS.connection + CAPS.unsent + CAPS.pages),
  words: [],
  cutsUnread: true,
  fullSeconds: 12,
  fill: 40_000,
  attack: async (attack) => {
    await attack.pace(OPENED_PER_SECOND, (count) => {
      if (count >= PER_ADDRESS) return;
      const socket = attack.connect({ reads: false });
      socket.upgrade();
      socket.write(Buffer.concat([helloFrame(), SUBSCRIBE, ...Array<Buffer>(PAGES).fill(HISTORY)]));
      attack.tellings.sent("subscribes");
      attack.tellings.sent("pages asked for", PAGES);
    });
  },
};

const REQUESTS = 8;
/** Requests of one socket that are answered at a time; the next is refused, which nobody reads here. */
const ANSWERED_AT_ONCE = 4;
const GET_PAGE = `GET /rooms/${FULL_ROOM}/messages?limit=500 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;

/** Plain requests for pages, many in one segment, and none of the answers is read. */
export const unreadPages: Flood = {
  name: "unread-pages",
  about: `${PER_ADDRESS} sockets with ${REQUESTS} requests for 256 KiB each, none reads`,
  memoryBytes: PER_ADDRESS * (CAPS.connection + ANSWERED_AT_ONCE * CAPS.frame),
  words: [],
  fill: 500,
  attack: async (attack) => {
    await attack.pace(OPENED_PER_SECOND, (count) => {
      if (count >= PER_ADDRESS) return;
      attack.connect({ reads: false }).write(GET_PAGE.repeat(REQUESTS));
      attack.tellings.sent("requests", REQUESTS);
    });
  },
};

const PINGS_PER_SECOND = 3_000;
const PINGERS = 20;
const PING = Buffer.concat(Array.from({ length: 10 }, () => clientFrame("p".repeat(125), 0x89)));

/** Pings that ask for as many pongs, none of which is read; the server answers the newest of many. */
export const pings: Flood = {
  name: "pings",
  about: `${PINGERS} connections, ${PINGS_PER_SECOND * 10} pings/s of 125 bytes, none reads`,
  memoryBytes: PINGERS * (CAPS.connection + CAPS.unsent + CAPS.frame),
  words: [],
  attack: async (attack) => {
    const sockets = await attack.openWebSockets(PINGERS, { socket: { reads: false } });
    await attack.pace(PINGS_PER_SECOND, (count) => {
      const socket = sockets[count % PINGERS];
      // What the system takes no more would only fill this process.
      if (socket === undefined || socket.socket.writableLength > 65_536) return;
      socket.write(PING);
      attack.tellings.sent("pings", 10);
    });
  },
};
