/** What is said in a room while encodings are compared. */
export type Kind = "chat" | "inputs" | "world" | "packed world" | "state";

/** Connections that hear it. */
export const MEMBERS = 50;

/** Of the members, how many write in a chat, and how often each, per second. */
export const WRITERS = 10;
export const WRITES_PER_SECOND = 50;

/** Inputs of each player, and worlds of the server, per second; with the server's tick. */
export const TICKS_PER_SECOND = 20;

/** Keys of a room's state, and how many of them change at each tick. */
export const KEYS = 500;
export const CHANGES_A_TICK = 50;

export const KINDS: Readonly<Record<Kind, string>> = {
  chat: `chat: ${MEMBERS} members, ${WRITERS * WRITES_PER_SECOND} messages/s`,
  inputs: `signals: the inputs of ${MEMBERS} players, ${TICKS_PER_SECOND} ticks/s`,
  world: `signals: a world of ${MEMBERS} players as objects, ${TICKS_PER_SECOND}/s`,
  "packed world": `signals: the same world in a Uint8Array, ${TICKS_PER_SECOND}/s`,
  state: `state: ${KEYS} keys, ${CHANGES_A_TICK * TICKS_PER_SECOND} changes/s`,
};

const WORDS =
  "the quick brown fox jumps over a lazy dog and says hello to everyone who is in the lobby".split(" ");

export function chatBody(count: number): unknown {
  const text = Array.from(
    { length: 4 + (count % 12) },
    (_, i) => WORDS[(count * 7 + i * 3) % WORDS.length],
  ).join(" ");
  return { type: "text", text };
}

export function inputBody(player: number, count: number): unknown {
  return { n: count, x: position(player, count), y: position(player + 1, count), keys: count % 16 };
}

export function worldBody(tick: number): unknown {
  const players = Array.from({ length: MEMBERS }, (_, id) => ({
    id,
    x: position(id, tick),
    y: position(id + 1, tick),
    angle: (tick * 3 + id) % 360,
    health: 100 - (id % 40),
  }));
  return { tick, players };
}

/** 10 bytes a player: id, health, angle, and the position in hundredths. */
export function packedWorldBody(tick: number): Uint8Array {
  const bytes = new Uint8Array(4 + 10 * MEMBERS);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, tick);
  for (let id = 0; id < MEMBERS; id++) {
    const at = 4 + 10 * id;
    view.setUint8(at, id);
    view.setUint8(at + 1, 100 - (id % 40));
    view.setUint16(at + 2, (tick * 3 + id) % 360);
    view.setInt16(at + 4, position(id, tick) * 10);
    view.setInt16(at + 6, position(id + 1, tick) * 10);
  }
  return bytes;
}

export function stateValue(key: number, tick: number): unknown {
  return { price: position(key, tick), change: (tick % 200) / 100 - 1, volume: 1_000 * key + tick };
}

/** Some place between −1,000 and 1,000, in hundredths. */
function position(of: number, at: number): number {
  return Math.round(Math.sin(of * 1.7 + at / 40) * 100_000) / 100;
}
