import { equal, event, ok, type SuiteCase, throws } from "../page/suite-case.ts";
import { each, group } from "./group.ts";

const WRONG = [
  "ws://",
  "wss:",
  "ws://host name/",
  "ws://host:99999/",
  "ws://host:port/",
  "ws://[::1",
  "ws://%zz/",
  "http:///",
  "ftp://127.0.0.1/",
  "mailto:somebody@example.com",
  "about:blank",
  "data:text/plain,hello",
  "javascript:1",
  "file:///etc/",
  "ws://127.0.0.1/#fragment",
  "ws://127.0.0.1/#",
  "/echo#fragment",
];

/** What is given, and what `url` shows of it. */
const SHOWN: readonly (readonly [given: string, shown: string])[] = [
  ["ws://127.0.0.1:1", "ws://127.0.0.1:1/"],
  ["WS://127.0.0.1:1/UPPER", "ws://127.0.0.1:1/UPPER"],
  ["ws://127.0.0.1:80/", "ws://127.0.0.1/"],
  ["wss://127.0.0.1:443/", "wss://127.0.0.1/"],
  ["wss://127.0.0.1:80/", "wss://127.0.0.1:80/"],
  ["  ws://127.0.0.1:1/ \n", "ws://127.0.0.1:1/"],
  ["ws://127.0.0.1:1/a/../b/./c", "ws://127.0.0.1:1/b/c"],
  ["ws://127.0.0.1:1/a b", "ws://127.0.0.1:1/a%20b"],
  ["ws://127.0.0.1:1/ü?ß", "ws://127.0.0.1:1/%C3%BC?%C3%9F"],
  ["ws://127.0.0.1:1/%zz", "ws://127.0.0.1:1/%zz"],
  ["ws://127.0.0.1:1/?", "ws://127.0.0.1:1/?"],
  ["ws://127.0.0.1:1/?a=b&c#".slice(0, -1), "ws://127.0.0.1:1/?a=b&c"],
  ["ws://EXAMPLE.invalid:1/", "ws://example.invalid:1/"],
  ["ws://0x7f.1:1/", "ws://127.0.0.1:1/"],
  ["ws://name:word@127.0.0.1:1/", "ws://name:word@127.0.0.1:1/"],
  ["ws://127.0.0.1:1/\ud800", "ws://127.0.0.1:1/%EF%BF%BD"],
  ["ws:\\\\127.0.0.1:1\\a", "ws://127.0.0.1:1/a"],
  ["http://127.0.0.1:1/", "ws://127.0.0.1:1/"],
  ["https://127.0.0.1:1/", "wss://127.0.0.1:1/"],
];

export const URL_CASES: readonly SuiteCase[] = group("constructor and URLs", {
  ...each(
    WRONG,
    (url) => `${JSON.stringify(url)} is a SyntaxError`,
    (url) => (stage) => throws(() => stage.make(url), "SyntaxError"),
  ),
  ...each(
    SHOWN,
    ([given]) => `${JSON.stringify(given)} is shown as the URL standard writes it`,
    ([given, shown]) =>
      (stage) =>
        equal(stage.make(given).url, shown),
  ),
  "a relative address counts from the page": (stage) => {
    const { host } = location;
    equal(stage.make("/echo").url, `ws://${host}/echo`);
    equal(stage.make("echo").url, new URL("echo", location.href).href.replace("http", "ws"));
    equal(stage.make("//127.0.0.1:1/x").url, "ws://127.0.0.1:1/x");
    equal(stage.make("?q").url, new URL("?q", location.href).href.replace("http", "ws"));
  },
  "null and undefined are relative addresses": (stage) => {
    equal(stage.make(null as unknown as string).url, `ws://${location.host}/null`);
    equal(stage.make(undefined as unknown as string).url, `ws://${location.host}/undefined`);
  },
  "a URL object is an address": (stage) =>
    equal(stage.make(new URL(stage.url("/echo"))).url, stage.url("/echo")),
  "an object is asked for its string, once": (stage) => {
    let asked = 0;
    const address = { toString: () => (asked++ === 0 ? stage.url("/echo") : "ftp://second/") };
    equal(stage.make(address as unknown as string).url, stage.url("/echo"));
    equal(asked, 1);
  },
  "what an object throws when asked comes through": (stage) => {
    const address = {
      toString() {
        throw new RangeError("mine");
      },
    };
    throws(() => stage.make(address as unknown as string), "RangeError");
  },
  "a symbol is a TypeError": (stage) =>
    throws(() => stage.make(Symbol("s") as unknown as string), "TypeError"),
  "without an address it is a TypeError": ({ Socket }) =>
    throws(() => Reflect.construct(Socket, []) as unknown, "TypeError"),
  "called without new it is a TypeError": (stage) =>
    throws(() => (stage.Socket as unknown as (url: string) => void)(stage.url("/echo")), "TypeError"),
  "an address that is relative connects": async (stage) => {
    const socket = await stage.open("/echo");
    equal(socket.readyState, 1);
  },
  "http is ws": async (stage) => {
    const socket = await stage.open(new URL("/echo", location.href).href);
    equal(socket.url, `ws://${location.host}/echo`);
  },
  "a third argument means nothing": (stage) => {
    const socket: unknown = Reflect.construct(stage.Socket, [stage.url("/echo"), [], { any: "thing" }]);
    equal((socket as WebSocket).url, stage.url("/echo"));
    (socket as WebSocket).close();
  },
  "a class of the page's own inherits": async (stage) => {
    const Heir = class extends stage.Socket {
      readonly own = true;
    };
    const socket = new Heir(stage.url("/echo"));
    await event(socket, "open");
    ok(socket instanceof Heir && socket instanceof stage.Socket && socket.own, "it is no heir");
    equal(Object.getPrototypeOf(socket), Heir.prototype);
    equal(socket.readyState, 1);
    socket.close();
  },
  "a blocked port fails, and does not throw": async (stage) => {
    const socket = stage.make("ws://127.0.0.1:25/");
    equal((await event(socket, "close")).code, 1006);
  },
  "nobody there fails, and does not throw": async (stage) => {
    const socket = stage.make("ws://127.0.0.1:1/");
    equal((await event(socket, "close")).code, 1006);
  },
});
