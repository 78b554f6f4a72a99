import { data, equal, event, ok, pause, record, same, type SuiteCase, throws } from "../page/suite-case.ts";
import { group } from "./group.ts";

/** What a plain room says: the texts of its messages, one after the other. */
function texts(socket: WebSocket, count: number): Promise<string[]> {
  return new Promise((resolve) => {
    const all: string[] = [];
    socket.addEventListener("message", (message) => {
      all.push(...(JSON.parse(message.data as string) as { messages: string[] }).messages);
      if (all.length >= count) resolve(all);
    });
  });
}

/** A room of our server, as any page uses it: where `ParlorSocket` is not the platform's own. */
export const ROOM_CASES: readonly SuiteCase[] = group("a room of a Parlor server", {
  "url, protocol and readyState are a new socket's": (stage) => {
    const address = stage.room("?last=5");
    const socket = stage.make(address);
    same([socket.url, socket.protocol, socket.extensions, socket.readyState], [address, "", "", 0]);
    same([socket.bufferedAmount, socket.binaryType], [0, "blob"]);
  },
  "it is an instance, written as one, without properties of its own": (stage) => {
    const socket = stage.make(stage.room());
    ok(socket instanceof stage.Socket && socket instanceof EventTarget, "it is no instance");
    equal(Object.prototype.toString.call(socket), "[object WebSocket]");
    equal(Object.getOwnPropertyNames(socket).join(), "");
    equal(Object.getPrototypeOf(socket), stage.Socket.prototype);
    same([socket.OPEN, socket.CLOSED], [1, 3]);
  },
  "read-only members stay what they are": (stage) => {
    const socket = stage.make(stage.room());
    for (const name of ["url", "readyState", "bufferedAmount", "extensions", "protocol"])
      equal(Reflect.set(socket, name, "other"), false);
  },
  "a class of the page's own inherits": async (stage) => {
    const Heir = class extends stage.Socket {
      override send(text: string): void {
        super.send(`heir: ${text}`);
      }
    };
    const socket = new Heir(stage.room());
    await event(socket, "open");
    const heard = texts(socket, 1);
    socket.send("hello");
    same(await heard, ["heir: hello"]);
    socket.close();
  },
  "open is an Event, once, behind the turn": async (stage) => {
    const socket = stage.make(stage.room());
    const seen = record(socket);
    await Promise.resolve();
    equal(seen.length, 0);
    const opened: Event = await event(socket, "open");
    equal(Object.getPrototypeOf(opened), Event.prototype);
    ok(!opened.bubbles && !opened.cancelable, "it bubbles or can be cancelled");
    equal(opened.target, socket);
    equal(socket.readyState, 1);
  },
  "what is sent comes back, in order": async (stage) => {
    const socket = await stage.open(stage.room());
    const heard = texts(socket, 100);
    const sent = Array.from({ length: 100 }, (_, index) => `${index}`);
    for (const text of sent) socket.send(text);
    same(await heard, sent);
  },
  "what was said before comes first, in one event": async (stage) => {
    const address = stage.room();
    const socket = await stage.open(address);
    const heard = texts(socket, 3);
    for (const text of ["a", "b", "c"]) socket.send(text);
    await heard;
    same(await data(stage.make(address)), [JSON.stringify({ messages: ["a", "b", "c"] })]);
  },
  "?last and ?after begin where they say": async (stage) => {
    const address = stage.room();
    const socket = await stage.open(address);
    const heard = texts(socket, 3);
    for (const text of ["a", "b", "c"]) socket.send(text);
    await heard;
    same(await texts(stage.make(`${address}?last=1`), 1), ["c"]);
    same(await texts(stage.make(`${address}?after=1`), 2), ["b", "c"]);
  },
  "message is a MessageEvent with the server's origin": async (stage) => {
    const socket = await stage.open(stage.room());
    socket.send("hello");
    const message = await event(socket, "message");
    equal(Object.getPrototypeOf(message), MessageEvent.prototype);
    equal(message.data, JSON.stringify({ messages: ["hello"] }));
    equal(message.origin, new URL(socket.url).origin);
    same([message.lastEventId, message.source, message.ports.length], ["", null, 0]);
    equal(message.target, socket);
  },
  "texts are what they were sent as": async (stage) => {
    const socket = await stage.open(stage.room());
    const sent = ["", "\u0000", "grüße \u{1f600}", "\ufeffmark", "a\ud800b"];
    const heard = texts(socket, sent.length + 3);
    for (const text of sent) socket.send(text);
    for (const other of [null, 7, {}]) socket.send(other as unknown as string);
    same(await heard, [...sent.slice(0, 4), "a\ufffdb", "null", "7", "[object Object]"]);
  },
  "binary data is refused in words, and it stays open": async (stage) => {
    const socket = await stage.open(stage.room());
    for (const binary of [new ArrayBuffer(3), new Uint8Array(3), new Blob(["abc"])]) {
      socket.send(binary);
      const [said] = (await data(socket)) as [string];
      equal(JSON.parse(said).error.code, "bad-frame");
    }
    equal(socket.readyState, 1);
  },
  "what is too large is refused in words, and it stays open": async (stage) => {
    const socket = await stage.open(stage.room());
    socket.send("x".repeat(70_000));
    const [said] = (await data(socket)) as [string];
    same([JSON.parse(said).error.code, JSON.parse(said).messages.length], ["too-large", 0]);
    equal(socket.readyState, 1);
  },
  "bufferedAmount counts bytes within the turn, and falls to 0": async (stage) => {
    const socket = await stage.open(stage.room());
    socket.send("ü€");
    socket.send("hello");
    equal(socket.bufferedAmount, 10);
    while (socket.bufferedAmount > 0) await pause(2);
  },
  "send before open is an InvalidStateError, without an argument a TypeError": (stage) => {
    const socket = stage.make(stage.room());
    throws(() => socket.send("early"), "InvalidStateError");
    throws(() => (socket.send as () => void)(), "TypeError");
    throws(() => socket.send(Symbol("s") as unknown as string), "TypeError");
  },
  "close codes and reasons are refused as everywhere": async (stage) => {
    const socket = await stage.open(stage.room());
    for (const code of [0, 999, 1001, 1005, 2999, 5000, NaN, null])
      throws(() => socket.close(code as number), "InvalidAccessError");
    throws(() => socket.close(1000, "ü".repeat(62)), "SyntaxError");
    throws(() => socket.close(1, "x".repeat(200)), "InvalidAccessError");
    throws(() => socket.close(Symbol("s") as unknown as number), "TypeError");
    equal(socket.readyState, 1);
  },
  "close is CLOSING at once, a clean CloseEvent behind the turn, once": async (stage) => {
    const socket = await stage.open(stage.room());
    const seen = record(socket);
    socket.close(3999, "enough");
    socket.close(4000);
    equal(socket.readyState, 2);
    await Promise.resolve();
    equal(seen.length, 0);
    const closed = await event(socket, "close");
    equal(Object.getPrototypeOf(closed), CloseEvent.prototype);
    same([closed.code, closed.reason, closed.wasClean], [3999, "enough", true]);
    equal(socket.readyState, 3);
    await pause(20);
    same(seen, ["close"]);
  },
  "close without a code is 1005": async (stage) => {
    const socket = await stage.open(stage.room());
    socket.close();
    const closed = await event(socket, "close");
    same([closed.code, closed.reason, closed.wasClean], [1005, "", true]);
  },
  "what was sent before close is in the room": async (stage) => {
    const address = stage.room();
    const socket = await stage.open(address);
    for (const text of ["one", "two"]) socket.send(text);
    socket.close();
    await event(socket, "close");
    same(await texts(stage.make(address), 2), ["one", "two"]);
  },
  "close before open is error, then close with 1006": async (stage) => {
    const socket = stage.make(stage.room());
    const seen = record(socket);
    socket.close(3000, "early");
    equal(socket.readyState, 2);
    const closed = await event(socket, "close");
    same([closed.code, closed.reason, closed.wasClean], [1006, "", false]);
    same(seen, ["error", "close"]);
  },
  "behind close nothing comes, and what is sent counts and goes nowhere": async (stage) => {
    const socket = await stage.open(stage.room());
    socket.send("x");
    socket.close();
    const seen = record(socket);
    const before = socket.bufferedAmount;
    socket.send("late");
    equal(socket.bufferedAmount, before + 4);
    await event(socket, "close");
    ok(socket.bufferedAmount >= 4, "it fell");
    await pause(20);
    same(seen, ["close"]);
  },
  "nobody there is error, then close with 1006, for good": async (stage) => {
    const socket = stage.make("ws://127.0.0.1:1/rooms/lobby");
    const seen = record(socket);
    const closed = await event(socket, "close");
    same([closed.code, closed.reason, closed.wasClean], [1006, "", false]);
    same(seen, ["error", "close"]);
    await pause(700);
    equal(socket.readyState, 3);
  },
  "a name that no room can have fails": async (stage) => {
    const socket = stage.make(stage.url("/parlor/rooms/.%00"));
    const seen = record(socket);
    await event(socket, "close");
    same(seen, ["error", "close"]);
  },
  "handlers are null at first, kept, and called in their place": async (stage) => {
    const socket = stage.make(stage.room());
    const calls: string[] = [];
    equal(socket.onopen, null);
    socket.addEventListener("open", () => calls.push("before"));
    socket.onopen = () => calls.push("never");
    socket.addEventListener("open", () => calls.push("behind"));
    socket.onopen = function (this: unknown) {
      calls.push(this === socket ? "handler" : "on something else");
    };
    socket.onclose = {} as never;
    equal(typeof socket.onclose, "object");
    socket.onclose = 1 as never;
    equal(socket.onclose, null);
    await event(socket, "open");
    same(calls, ["before", "handler", "behind"]);
  },
  "binaryType takes its two values alone": (stage) => {
    const socket = stage.make(stage.room());
    socket.binaryType = "arraybuffer";
    socket.binaryType = "other" as BinaryType;
    equal(socket.binaryType, "arraybuffer");
  },
  "two sockets of a page are two members": async (stage) => {
    const address = stage.room();
    const [one, other] = await Promise.all([stage.open(address), stage.open(address)]);
    const both = Promise.all([texts(one, 2), texts(other, 2)]);
    one.send("from one");
    await event(other, "message");
    other.send("from the other");
    for (const heard of await both) same(heard, ["from one", "from the other"]);
  },
});
