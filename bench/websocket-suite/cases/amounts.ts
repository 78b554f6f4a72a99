import { data, equal, event, ok, pause, same, type SuiteCase } from "../page/suite-case.ts";
import { each, group } from "./group.ts";

/** What is sent, and how many bytes that is. */
const WEIGHED: readonly (readonly [name: string, made: () => string | BufferSource | Blob, bytes: number])[] =
  [
    ["a text", () => "hello", 5],
    ["no text", () => "", 0],
    ["a text beyond ASCII", () => "ü€\u{1f600}", 9],
    ["a lone half of a pair", () => "\ud800", 3],
    ["an ArrayBuffer", () => new ArrayBuffer(10), 10],
    ["a view", () => new Uint8Array(10).subarray(2, 5), 3],
    ["a view of larger units", () => new Uint32Array(3), 12],
    ["a Blob", () => new Blob(["hello", "!"]), 6],
  ];

/** 16 MiB: more than the buffers of both systems grow to, which is 4 and 6 MB on Linux. */
const PIECES = 32;

/** Sends until the network takes no more for now. */
function fill(socket: WebSocket): number {
  const piece = new ArrayBuffer(524_288);
  for (let index = 0; index < PIECES; index++) socket.send(piece);
  return PIECES * piece.byteLength;
}

async function drained(socket: WebSocket): Promise<void> {
  while (socket.bufferedAmount > 0) await pause(2);
}

export const AMOUNT_CASES: readonly SuiteCase[] = group("bufferedAmount and backpressure", {
  "it is 0 before anything was sent": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    equal(socket.bufferedAmount, 0);
    await event(socket, "open");
    equal(socket.bufferedAmount, 0);
  },
  ...each(
    WEIGHED,
    ([name, , bytes]) => `${name} counts ${bytes} within its turn, and is gone in time`,
    ([, made, bytes]) =>
      async (stage) => {
        const socket = await stage.open(stage.url("/echo"));
        socket.send(made());
        equal(socket.bufferedAmount, bytes);
        await drained(socket);
      },
  ),
  "it adds up within a turn": async (stage) => {
    const socket = await stage.open(stage.url("/echo"));
    socket.send("one");
    socket.send(new Blob(["four"]));
    socket.send(new Uint8Array(5));
    equal(socket.bufferedAmount, 12);
    await Promise.resolve();
    equal(socket.bufferedAmount, 12);
  },
  "a refused send counts nothing": (stage) => {
    const socket = stage.make(stage.url("/echo"));
    try {
      socket.send("early");
    } catch {
      // As it must.
    }
    equal(socket.bufferedAmount, 0);
  },
  "behind close() it grows, and stays": async (stage) => {
    const socket = await stage.open(stage.url("/echo"));
    socket.close();
    socket.send("late");
    equal(socket.bufferedAmount, 4);
    await event(socket, "close");
    socket.send(new Uint8Array(3));
    equal(socket.bufferedAmount, 7);
    await pause(20);
    equal(socket.bufferedAmount, 7);
  },
  "it does not fall to 0 while the server takes nothing, and does when it takes": async (stage) => {
    const id = crypto.randomUUID();
    const socket = await stage.open(stage.url(`/deaf/${id}`));
    const heard = data(socket, PIECES);
    const bytes = fill(socket);
    equal(socket.bufferedAmount, bytes);
    await pause(100);
    ok(socket.bufferedAmount > 0, "everything is gone, and nobody took it");
    await fetch(`/hear/${id}`);
    same(await heard, new Array<string>(PIECES).fill("524288"));
    await drained(socket);
  },
  "what a page does not take in time is kept for it, in order": async (stage) => {
    const socket = await stage.open(stage.url("/echo"));
    const heard = data(socket, 50);
    for (let index = 0; index < 50; index++) socket.send(`${index}${"x".repeat(20_000)}`);
    const until = performance.now() + 50;
    while (performance.now() < until);
    const all = (await heard) as string[];
    same(
      all.map((text) => Number.parseInt(text, 10)),
      all.map((_, index) => index),
    );
  },
});
