import type { Flood } from "../../flood.ts";
import { CAPS, PER_ADDRESS } from "../../memory.ts";
import { helloFrame } from "../attack.ts";

const PER_SECOND = 300;

/** One address opens as many WebSockets as it can. */
export const connections: Flood = {
  name: "connections",
  about: `one address, ${PER_SECOND} upgrades/s`,
  memoryBytes: PER_ADDRESS * CAPS.connection,
  words: ["429 too-many-connections"],
  attack: async (attack) => {
    await attack.pace(PER_SECOND, () => {
      const socket = attack.connect();
      socket.upgrade();
      socket.write(helloFrame());
      attack.tellings.sent("upgrades");
    });
  },
};

/** Files that the server may have open in the flood from everywhere, and the connections that leaves. */
const OPEN_FILES = 2_048;
const MAX_CONNECTIONS = OPEN_FILES - 128;
const ADDRESSES = 250;

/** Many addresses do so together, until the server has no place left. */
export const connectionsFromEverywhere: Flood = {
  name: "connections-everywhere",
  about: `${ADDRESSES} addresses, ${PER_SECOND} upgrades/s, a server of ${MAX_CONNECTIONS} places`,
  memoryBytes: MAX_CONNECTIONS * CAPS.connection,
  words: ["503 too-many-connections"],
  openFiles: OPEN_FILES,
  attack: async (attack) => {
    await attack.pace(PER_SECOND, (count) => {
      const socket = attack.connect({ from: `127.0.3.${1 + (count % ADDRESSES)}` });
      socket.upgrade();
      socket.write(helloFrame());
      attack.tellings.sent("upgrades");
    });
  },
};
