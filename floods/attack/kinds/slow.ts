import type { Flood } from "../../flood.ts";
import { CAPS, MIB, PER_ADDRESS } from "../../memory.ts";
import type { Attack } from "../attack.ts";
import { clientFrame, type FloodSocket } from "../flood-socket.ts";

const SOCKETS_PER_SECOND = 100;
const CRUMBS_PER_SECOND = 200;
const TURNED_AWAY_MS = 500;
const HALF_HEAD = "GET /connect HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n";

/** Slowloris before the upgrade: sockets that say nothing, and heads that never end. */
export const halfHeads: Flood = {
  name: "half-heads",
  about: `${SOCKETS_PER_SECOND} sockets/s: half of them silent, half with a head that never ends`,
  memoryBytes: (2 * PER_ADDRESS + 64) * (CAPS.connection + 16_384),
  words: ["408 bad-frame", "429 too-many-connections"],
  fullSeconds: 14,
  attack: async (attack) => {
    const begun: FloodSocket[] = [];
    await Promise.all([
      attack.pace(SOCKETS_PER_SECOND, (count) => {
        const socket = attack.connect();
        attack.tellings.sent(count % 2 === 0 ? "silent sockets" : "half heads");
        if (count % 2 === 0) return;
        socket.write(HALF_HEAD);
        // Who writes on while it is turned away does not hear why.
        setTimeout(() => begun.push(socket), TURNED_AWAY_MS);
      }),
      crumbs(attack, begun, (count) => `X-${count}: y\r\n`),
    ]);
  },
};

/** Slowloris after the upgrade: nobody says who they are. */
export const noHello: Flood = {
  name: "no-hello",
  about: `${PER_ADDRESS} WebSockets that say no hello, only pings`,
  memoryBytes: PER_ADDRESS * CAPS.connection,
  words: ["close 4004"],
  fullSeconds: 13,
  attack: async (attack) => {
    const sockets = await attack.openWebSockets(PER_ADDRESS, { saysHello: false });
    await crumbs(attack, sockets, () => clientFrame("", 0x89));
  },
};

const HALF_FRAMES_PER_SECOND = 100;
const FRAME_BYTES = 262_144;
const HALF_FRAME = clientFrame("x".repeat(FRAME_BYTES - 100), 0x81, FRAME_BYTES);

/** Frames as large as they may be, but for the last bytes. */
export const halfFrames: Flood = {
  name: "half-frames",
  about: `${PER_ADDRESS} connections with a frame of 256 KiB that lacks its end`,
  memoryBytes: PER_ADDRESS * (CAPS.connection + CAPS.frame),
  words: ["close 4002"],
  fullSeconds: 12,
  attack: async (attack) => {
    // A pong would be the end of the frame.
    const sockets = await attack.openWebSockets(PER_ADDRESS, { socket: { answersPings: false } });
    await attack.pace(HALF_FRAMES_PER_SECOND, (count) => {
      if (count >= sockets.length) return;
      sockets[count]?.write(HALF_FRAME);
      attack.tellings.sent("half frames");
    });
  },
};

const BODIES_PER_SECOND = 60;
const BODY = " ".repeat(MIB - 1_000);
const PATHS = ["/connect/send", "/connect/stream", "/connect/send", "/connect/poll"];

/** Bodies as large as they may be, whose last bytes come one by one. */
export const slowBodies: Flood = {
  name: "slow-bodies",
  about: `${BODIES_PER_SECOND} requests/s with a body of 1 MiB whose end comes in crumbs`,
  memoryBytes: 2 * PER_ADDRESS * (CAPS.connection + CAPS.body) + 64 * CAPS.frame,
  words: ["429 too-many-connections", "408 bad-frame"],
  fullSeconds: 18,
  attack: async (attack) => {
    const begun: FloodSocket[] = [];
    await Promise.all([
      attack.pace(BODIES_PER_SECOND, (count) => {
        const socket = attack.connect();
        socket.post(PATHS[count % PATHS.length] as string, BODY, { announced: MIB });
        attack.tellings.sent("bodies");
        setTimeout(() => begun.push(socket), TURNED_AWAY_MS);
      }),
      crumbs(attack, begun, () => " "),
    ]);
  },
};

const FRAGMENTERS = 20;
const FRAGMENTS_PER_SECOND = 400;
const FIRST_FRAGMENT = clientFrame("a", 0x01);
const NEXT_FRAGMENTS = Buffer.concat([clientFrame("b", 0x00), clientFrame("", 0x00)]);

/** A message in fragments of one byte and none, which never ends. */
export const fragments: Flood = {
  name: "fragments",
  about: `${FRAGMENTERS} connections, ${2 * FRAGMENTS_PER_SECOND} fragments/s of a message without end`,
  memoryBytes: FRAGMENTERS * (CAPS.connection + CAPS.frame),
  words: ["close 1008"],
  attack: async (attack) => {
    const sockets: FloodSocket[] = [];
    await attack.pace(FRAGMENTS_PER_SECOND, (count) => {
      const index = count % FRAGMENTERS;
      if (sockets[index]?.isClosed !== false) {
        const socket = attack.connect();
        sockets[index] = socket;
        socket.upgrade();
        socket.write(FIRST_FRAGMENT);
        return;
      }
      sockets[index].write(NEXT_FRAGMENTS);
      attack.tellings.sent("fragments", 2);
    });
  },
};

/** Feeds sockets, in turn, with so little that they never come to an end. */
async function crumbs(
  attack: Attack,
  sockets: readonly FloodSocket[],
  crumb: (count: number) => string | Buffer,
): Promise<void> {
  await attack.pace(CRUMBS_PER_SECOND, (count) => {
    const socket = sockets[count % Math.max(1, sockets.length)];
    if (socket === undefined || socket.isClosed) return;
    socket.write(crumb(count));
    attack.tellings.sent("crumbs");
  });
}
