import { randomId } from "@parlor/base";
import type { Flood } from "../../flood.ts";
import { CAPS } from "../../memory.ts";
import type { Attack } from "../attack.ts";
import type { FloodSocket } from "../flood-socket.ts";

const SOCKETS = 10;
const PER_SECOND = 300;
const MEMORY_BYTES = SOCKETS * (CAPS.connection + CAPS.frame + CAPS.unsent);

/** Each publish comes from an outbox that nobody has seen, and would leave a row for days. */
export const producers: Flood = {
  name: "producers",
  about: `${PER_SECOND} publishes/s, each of a new identity and producer`,
  memoryBytes: MEMORY_BYTES,
  words: ["429 rate-limited"],
  attack: (attack) =>
    postPaced(attack, "publishes of new producers", () => ({
      room: "flooded",
      headers: `Authorization: Bearer ${randomId(32)}\r\nParlor-Producer: ${randomId(16)}\r\nParlor-Seq: 1\r\n`,
    })),
};

/** Each publish would make a room that nobody has heard of. */
export const rooms: Flood = {
  name: "rooms",
  about: `${PER_SECOND} publishes/s, each into a new room`,
  memoryBytes: MEMORY_BYTES,
  words: ["429 rate-limited"],
  attack: (attack) =>
    postPaced(attack, "publishes into new rooms", (count) => ({
      room: `room ${count}`,
      headers: `Idempotency-Key: ${count}\r\n`,
    })),
};

async function postPaced(
  attack: Attack,
  what: string,
  publish: (count: number) => { readonly room: string; readonly headers: string },
): Promise<void> {
  const sockets: FloodSocket[] = [];
  await attack.pace(PER_SECOND, (count) => {
    const index = count % SOCKETS;
    if (sockets[index]?.isClosed !== false) sockets[index] = attack.connect();
    const { room, headers } = publish(count);
    sockets[index].post(`/rooms/${encodeURIComponent(room)}/messages`, JSON.stringify("hello"), { headers });
    attack.tellings.sent(what);
  });
}
