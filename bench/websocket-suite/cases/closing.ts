import { equal, event, pause, record, same, type SuiteCase, throws } from "../page/suite-case.ts";
import { each, group } from "./group.ts";

const WRONG = [
  0,
  1,
  999,
  1001,
  1002,
  1003,
  1004,
  1005,
  1006,
  1007,
  1008,
  1009,
  1010,
  1011,
  1012,
  1015,
  1016,
  2999,
  5000,
  65_535,
  65_536,
  69_536,
  -1,
  1000.6,
  NaN,
  Infinity,
  null,
  "",
  "text",
  {},
  false,
];
/** What is given, and what the server hears. */
const RIGHT: readonly (readonly [given: unknown, heard: number])[] = [
  [1000, 1000],
  [3000, 3000],
  [4999, 4999],
  ["3001", 3001],
  [3000.4, 3000],
  [3000.5, 3000],
  [3001.5, 3002],
  [999.9, 1000],
  [[4000], 4000],
];

interface Ended {
  readonly code: number;
  readonly reason: string;
}

/** In the name of a case. */
function shown(code: unknown): string {
  return typeof code === "number" ? `${code}` : JSON.stringify(code);
}

async function endedAs(id: string): Promise<Ended> {
  return (await (await fetch(`/ended/${id}`)).json()) as Ended;
}

export const CLOSING_CASES: readonly SuiteCase[] = group("closing", {
  ...each(
    WRONG,
    (code) => `the code ${shown(code)} is an InvalidAccessError`,
    (code) => async (stage) => {
      const early = stage.make(stage.url("/echo"));
      throws(() => early.close(code as number), "InvalidAccessError");
      equal(early.readyState, 0);
      await event(early, "open");
      throws(() => early.close(code as number, "reason"), "InvalidAccessError");
      equal(early.readyState, 1);
    },
  ),
  ...each(
    RIGHT,
    ([given]) => `the code ${JSON.stringify(given)} is heard by the server`,
    ([given, heard]) =>
      async (stage) => {
        const id = crypto.randomUUID();
        const socket = await stage.open(stage.url(`/held/${id}`));
        socket.close(given as number, "grund ü");
        const closed = await event(socket, "close");
        same([closed.code, closed.reason, closed.wasClean], [heard, "grund ü", true]);
        const ended = await endedAs(id);
        same([ended.code, ended.reason], [heard, "grund ü"]);
      },
  ),
  "without a code it is 1005, and the server hears none": async (stage) => {
    const id = crypto.randomUUID();
    const socket = await stage.open(stage.url(`/held/${id}`));
    equal(socket.close(), undefined);
    const closed = await event(socket, "close");
    same([closed.code, closed.reason, closed.wasClean], [1005, "", true]);
    equal((await endedAs(id)).code, 1005);
  },
  "undefined is no code": async (stage) => {
    const socket = await stage.open(stage.url("/echo"));
    socket.close(undefined, undefined);
    equal((await event(socket, "close")).code, 1005);
  },
  "a reason may have 123 bytes": async (stage) => {
    const reason = "ü".repeat(61) + "x";
    const socket = await stage.open(stage.url("/echo"));
    socket.close(3000, reason);
    equal((await event(socket, "close")).reason, reason);
  },
  ...each(
    ["x".repeat(124), "ü".repeat(62), "\u{1f600}".repeat(31), "\ud800".repeat(42)],
    (reason) =>
      `a reason of ${new TextEncoder().encode(reason).length} bytes in ${reason.length} units is a SyntaxError`,
    (reason) => async (stage) => {
      const socket = await stage.open(stage.url("/echo"));
      throws(() => socket.close(1000, reason), "SyntaxError");
      equal(socket.readyState, 1);
    },
  ),
  "a code that is wrong is told before a reason that is": async (stage) => {
    const socket = await stage.open(stage.url("/echo"));
    throws(() => socket.close(1, "x".repeat(200)), "InvalidAccessError");
    throws(() => socket.close(1, Symbol("s") as unknown as string), "TypeError");
  },
  "a symbol as a code is a TypeError": async (stage) => {
    const socket = await stage.open(stage.url("/echo"));
    throws(() => socket.close(Symbol("s") as unknown as number), "TypeError");
    throws(() => socket.close(1000n as unknown as number), "TypeError");
  },
  "a lone half of a pair in a reason is U+FFFD": async (stage) => {
    const socket = await stage.open(stage.url("/echo"));
    socket.close(1000, "a\ud800b");
    equal((await event(socket, "close")).reason, "a\ufffdb");
  },
  "null as a reason is the word": async (stage) => {
    const socket = await stage.open(stage.url("/echo"));
    socket.close(1000, null as unknown as string);
    equal((await event(socket, "close")).reason, "null");
  },
  "before it is open it fails the connection, behind the turn": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    const seen = record(socket);
    socket.close();
    equal(socket.readyState, 2);
    await Promise.resolve();
    equal(seen.length, 0);
    const closed = await event(socket, "close");
    same([closed.code, closed.reason, closed.wasClean], [1006, "", false]);
    same(seen, ["error", "close"]);
  },
  "before it is open a code changes nothing": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    socket.close(3000, "early");
    const closed = await event(socket, "close");
    same([closed.code, closed.reason, closed.wasClean], [1006, "", false]);
  },
  "called twice it counts once": async (stage) => {
    const socket = await stage.open(stage.url("/echo"));
    const seen = record(socket);
    socket.close(3000, "first");
    socket.close(3001, "second");
    equal((await event(socket, "close")).reason, "first");
    socket.close(3002);
    await pause(20);
    same(seen, ["close"]);
  },
  "a wrong code is told on a closed socket, too": async (stage) => {
    const socket = await stage.open(stage.url("/echo"));
    socket.close();
    await event(socket, "close");
    throws(() => socket.close(1), "InvalidAccessError");
  },
  ...each(
    [1000, 1001, 1008, 1011, 3000, 4000, 4999],
    (code) => `the server's ${code} is told with its reason, without an error`,
    (code) => async (stage) => {
      const socket = stage.make(stage.url(`/close/${code}?reason=gr%C3%BCnde`));
      const seen = record(socket);
      const closed = await event(socket, "close");
      same([closed.code, closed.reason, closed.wasClean], [code, "gründe", true]);
      same(seen, ["open", "close"]);
    },
  ),
  "the server's close without a code is 1005": async (stage) => {
    const closed = await event(stage.make(stage.url("/raw/close-without-status")), "close");
    same([closed.code, closed.reason, closed.wasClean], [1005, "", true]);
  },
  "the server's close with a code alone has no reason": async (stage) => {
    const closed = await event(stage.make(stage.url("/raw/close-1000")), "close");
    same([closed.code, closed.reason, closed.wasClean], [1000, "", true]);
  },
  "a connection that breaks off is 1006, not clean": async (stage) => {
    const socket = stage.make(stage.url("/raw/cut"));
    const closed = await event(socket, "close");
    same([closed.code, closed.reason, closed.wasClean], [1006, "", false]);
    equal(socket.readyState, 3);
  },
});
