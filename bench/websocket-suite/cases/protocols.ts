import { data, equal, event, record, same, type SuiteCase, throws } from "../page/suite-case.ts";
import { each, group } from "./group.ts";

const WRONG = [...'()<>@,;:\\"/[]?={} \t'.split(""), "\u0000", "\u001f", "\u007f", "ü", "\u{1f600}"].map(
  (character) => `a${character}b`,
);

export const PROTOCOL_CASES: readonly SuiteCase[] = group("subprotocols", {
  ...each(
    ["", ...WRONG],
    (name) => `${JSON.stringify(name)} is a SyntaxError`,
    (name) => (stage) => {
      throws(() => stage.make(stage.url("/echo"), name), "SyntaxError");
      throws(() => stage.make(stage.url("/echo"), ["good", name]), "SyntaxError");
    },
  ),
  "the same twice is a SyntaxError": (stage) =>
    throws(() => stage.make(stage.url("/echo"), ["chat", "other", "chat"]), "SyntaxError"),
  "every other printable character may stand in a name": async (stage) => {
    const name = "!#$%&'*+-.^_`|~09AZaz";
    equal((await stage.open(stage.url("/echo"), name)).protocol, name);
  },
  "protocol is empty before the answer": (stage) =>
    equal(stage.make(stage.url("/echo"), "chat").protocol, ""),
  "protocol is empty where none was asked for": async (stage) =>
    equal((await stage.open(stage.url("/echo"))).protocol, ""),
  "an empty list asks for none": async (stage) =>
    equal((await stage.open(stage.url("/echo"), [])).protocol, ""),
  "undefined asks for none": async (stage) => {
    const socket = new stage.Socket(stage.url("/echo"), undefined);
    await event(socket, "open");
    equal(socket.protocol, "");
    socket.close();
  },
  "a string is one": async (stage) => equal((await stage.open(stage.url("/echo"), "chat")).protocol, "chat"),
  "all are offered, in order": async (stage) => {
    const socket = stage.make(stage.url("/choose/second"), ["first", "second", "third"]);
    await event(socket, "open");
    equal(socket.protocol, "second");
    const other = stage.make(stage.url("/headers"), ["first", "second"]);
    const [headers] = (await data(other)) as [string];
    equal(JSON.parse(headers)["sec-websocket-protocol"].replaceAll(" ", ""), "first,second");
  },
  "null is the name null": async (stage) =>
    equal((await stage.open(stage.url("/echo"), null as unknown as string)).protocol, "null"),
  "a number is its digits": async (stage) =>
    equal((await stage.open(stage.url("/echo"), 7 as unknown as string)).protocol, "7"),
  "what is in a list is turned into strings": async (stage) =>
    equal((await stage.open(stage.url("/echo"), [true, 1] as unknown as string[])).protocol, "true"),
  "what can be iterated is a list": async (stage) => {
    const names = new Set(["one", "two"]);
    equal((await stage.open(stage.url("/choose/two"), names as unknown as string[])).protocol, "two");
  },
  "an object that can't is its string": (stage) =>
    throws(() => stage.make(stage.url("/echo"), {} as unknown as string), "SyntaxError"),
  "a symbol is a TypeError": (stage) => {
    throws(() => stage.make(stage.url("/echo"), Symbol("s") as unknown as string), "TypeError");
    throws(() => stage.make(stage.url("/echo"), [Symbol("s")] as unknown as string[]), "TypeError");
  },
  "an address that is wrong is told before a name that is": (stage) => {
    throws(() => stage.make("ftp://x/", "a b"), "SyntaxError");
    throws(() => stage.make("ftp://x/", Symbol("s") as unknown as string), "TypeError");
  },
  "a server that chooses none of those asked for fails it": async (stage) => {
    const socket = stage.make(stage.url("/raw/fragments"), ["asked"]);
    const seen = record(socket);
    await event(socket, "close");
    same(seen, ["error", "close"]);
  },
  "a server that chooses another fails it": async (stage) => {
    const socket = stage.make(stage.url("/choose/other"), ["asked"]);
    const seen = record(socket);
    await event(socket, "close");
    same(seen, ["error", "close"]);
    equal(socket.protocol, "");
  },
  "names differ by their case": async (stage) => {
    const socket = stage.make(stage.url("/choose/CHAT"), ["chat"]);
    const seen = record(socket);
    await event(socket, "close");
    same(seen, ["error", "close"]);
  },
  "protocol stays when it is closed": async (stage) => {
    const socket = await stage.open(stage.url("/echo"), "chat");
    socket.close();
    await event(socket, "close");
    equal(socket.protocol, "chat");
  },
  "extensions is a string, empty before the answer": async (stage) => {
    const socket = stage.make(stage.url("/echo"));
    equal(socket.extensions, "");
    await event(socket, "open");
    equal(typeof socket.extensions, "string");
  },
});
