import { data, equal, event, ok, same, type SuiteCase, throws } from "../page/suite-case.ts";
import { each, group } from "./group.ts";

const CONVERTED: readonly (readonly [given: unknown, sent: string])[] = [
  ["", ""],
  [null, "null"],
  [undefined, "undefined"],
  [0, "0"],
  [1.5, "1.5"],
  [false, "false"],
  [{}, "[object Object]"],
  [[1, [2, 3]], "1,2,3"],
  [{ toString: () => "its own" }, "its own"],
  [12n, "12"],
  ["\u0000", "\u0000"],
  ["grüße, \u{1f600}", "grüße, \u{1f600}"],
  ["\ufeffmark", "\ufeffmark"],
  ["\ud800", "\ufffd"],
  ["a\udc00b", "a\ufffdb"],
  ["\udc00\ud800", "\ufffd\ufffd"],
];

const BYTES = Uint8Array.of(0, 1, 127, 128, 255);

/** Ways to hand the same five bytes over. */
const HANDED: Readonly<Record<string, () => BufferSource | Blob>> = {
  ArrayBuffer: () => BYTES.slice().buffer,
  Uint8Array: () => BYTES.slice(),
  "a Uint8Array in the middle of its buffer": () => Uint8Array.of(9, 9, ...BYTES, 9).subarray(2, 7),
  Int8Array: () => new Int8Array(BYTES.slice().buffer),
  Uint8ClampedArray: () => new Uint8ClampedArray(BYTES.slice().buffer),
  DataView: () => new DataView(Uint8Array.of(9, ...BYTES).buffer, 1),
  Blob: () => new Blob([BYTES.slice(0, 2), BYTES.slice(2)]),
};

export const DATA_CASES: readonly SuiteCase[] = [
  ...group("sending", {
    ...each(
      CONVERTED,
      ([given]) => `${typeof given === "string" ? JSON.stringify(given) : String(given)} is sent as a string`,
      ([given, sent]) =>
        async (stage) => {
          const socket = await stage.open(stage.url("/echo"));
          const heard = data(socket);
          equal(socket.send(given as string), undefined);
          same(await heard, [sent]);
        },
    ),
    "a text of 1 MiB": async (stage) => {
      const socket = await stage.open(stage.url("/echo"));
      const text = "0123456789abcdef".repeat(65_536);
      const heard = data(socket);
      socket.send(text);
      ok((await heard)[0] === text, "it came back otherwise");
    },
    ...each(
      [125, 126, 127, 65_535, 65_536],
      (length) => `a text of ${length} bytes`,
      (length) => async (stage) => {
        const socket = await stage.open(stage.url("/echo"));
        const heard = data(socket);
        socket.send("x".repeat(length));
        equal(((await heard)[0] as string).length, length);
      },
    ),
    "a symbol is a TypeError": async (stage) => {
      const socket = await stage.open(stage.url("/echo"));
      throws(() => socket.send(Symbol("s") as unknown as string), "TypeError");
    },
    "nothing is a TypeError": async (stage) => {
      const socket = await stage.open(stage.url("/echo"));
      throws(() => (socket.send as () => void)(), "TypeError");
    },
    "before it is open it is an InvalidStateError": (stage) => {
      const socket = stage.make(stage.url("/echo"));
      throws(() => socket.send("early"), "InvalidStateError");
      throws(() => socket.send(new Blob(["early"])), "InvalidStateError");
      throws(() => (socket.send as () => void)(), "TypeError");
    },
    "behind close() it is silent": async (stage) => {
      const socket = await stage.open(stage.url("/echo"));
      socket.close();
      equal(socket.send("late"), undefined);
      await event(socket, "close");
      equal(socket.send("later"), undefined);
    },
    "what was sent before close() arrives": async (stage) => {
      const id = crypto.randomUUID();
      const socket = await stage.open(stage.url(`/held/${id}`));
      socket.send("one");
      socket.send("two");
      socket.close();
      const ended = (await (await fetch(`/ended/${id}`)).json()) as { texts: string[] };
      same(ended.texts, ["one", "two"]);
    },
    "what is sent from within open arrives": async (stage) => {
      const socket = stage.make(stage.url("/echo"));
      socket.onopen = () => socket.send("first thing");
      same(await data(socket), ["first thing"]);
    },
  }),
  ...group("binary data", {
    "binaryType is blob at first": (stage) => equal(stage.make(stage.url("/echo")).binaryType, "blob"),
    "binaryType is what it was set to": (stage) => {
      const socket = stage.make(stage.url("/echo"));
      socket.binaryType = "arraybuffer";
      equal(socket.binaryType, "arraybuffer");
      socket.binaryType = "blob";
      equal(socket.binaryType, "blob");
    },
    ...each(
      ["", "Blob", "ArrayBuffer", "ARRAYBUFFER", "text", null, undefined, 1],
      (value) => `binaryType set to ${JSON.stringify(value)} stays`,
      (value) => (stage) => {
        const socket = stage.make(stage.url("/echo"));
        socket.binaryType = "arraybuffer";
        socket.binaryType = value as BinaryType;
        equal(socket.binaryType, "arraybuffer");
      },
    ),
    ...each(
      Object.entries(HANDED),
      ([name]) => `${name} arrives, byte for byte, as an ArrayBuffer`,
      ([, made]) =>
        async (stage) => {
          const socket = await stage.open(stage.url("/echo"));
          socket.binaryType = "arraybuffer";
          const heard = data(socket);
          socket.send(made());
          const [buffer] = (await heard) as [ArrayBuffer];
          equal(Object.getPrototypeOf(buffer), ArrayBuffer.prototype);
          equal(new Uint8Array(buffer).join(), BYTES.join());
        },
    ),
    ...each(
      Object.entries(HANDED),
      ([name]) => `${name} arrives, byte for byte, as a Blob without a type`,
      ([, made]) =>
        async (stage) => {
          const socket = await stage.open(stage.url("/echo"));
          const heard = data(socket);
          socket.send(made());
          const [blob] = (await heard) as [Blob];
          equal(Object.getPrototypeOf(blob), Blob.prototype);
          same([blob.type, blob.size], ["", BYTES.length]);
          equal(new Uint8Array(await blob.arrayBuffer()).join(), BYTES.join());
        },
    ),
    "what is sent is what it was at the call": async (stage) => {
      const socket = await stage.open(stage.url("/echo"));
      socket.binaryType = "arraybuffer";
      const heard = data(socket);
      const bytes = Uint8Array.of(1, 2, 3);
      socket.send(bytes);
      bytes.fill(9);
      equal(new Uint8Array(((await heard) as [ArrayBuffer])[0]).join(), "1,2,3");
    },
    "no bytes are a message": async (stage) => {
      const socket = await stage.open(stage.url("/echo"));
      socket.binaryType = "arraybuffer";
      const heard = data(socket, 2);
      socket.send(new ArrayBuffer(0));
      socket.send(new Blob([]));
      same(
        ((await heard) as ArrayBuffer[]).map(({ byteLength }) => byteLength),
        [0, 0],
      );
    },
    "the type may change between two messages": async (stage) => {
      const socket = await stage.open(stage.url("/echo"));
      const kinds: string[] = [];
      socket.addEventListener("message", (message) => {
        kinds.push(Object.prototype.toString.call(message.data));
        socket.binaryType = "arraybuffer";
      });
      for (let index = 0; index < 2; index++) {
        const heard = data(socket);
        socket.send(BYTES.slice());
        await heard;
      }
      same(kinds, ["[object Blob]", "[object ArrayBuffer]"]);
    },
    "text is a string whatever the type": async (stage) => {
      const socket = await stage.open(stage.url("/echo"));
      socket.binaryType = "arraybuffer";
      const heard = data(socket);
      socket.send("text");
      same(await heard, ["text"]);
    },
    "texts, Blobs and buffers keep their order": async (stage) => {
      const socket = await stage.open(stage.url("/echo"));
      socket.binaryType = "arraybuffer";
      const heard = data(socket, 4);
      socket.send(new Blob(["a".repeat(100_000)]));
      socket.send("b");
      socket.send(new Blob(["c"]));
      socket.send(Uint8Array.of(1));
      const sizes = (await heard).map((each) =>
        typeof each === "string" ? each : (each as ArrayBuffer).byteLength,
      );
      same(sizes, [100_000, "b", 1, 1]);
    },
    "1 MiB of bytes": async (stage) => {
      const socket = await stage.open(stage.url("/echo"));
      socket.binaryType = "arraybuffer";
      const heard = data(socket);
      socket.send(new Uint8Array(1_048_576));
      equal(((await heard) as [ArrayBuffer])[0].byteLength, 1_048_576);
    },
  }),
];
