import fc from "fast-check";
import { FILE_BASES } from "./file-requests.ts";
import { METHODS } from "./methods.ts";

/** One request as bytes, made from a valid one. */
export interface FuzzedRequest {
  readonly bytes: Buffer;
  readonly method: string;
  readonly target: string;
  /** Whether HTTP's grammar holds and the body is whole, so that an answer must come by itself. */
  readonly isSound: boolean;
}

type Headers = readonly (readonly [name: string, value: string])[];

export interface Base {
  readonly method: string;
  readonly path: string;
  readonly query: Headers;
  readonly headers: Headers;
  readonly body: string;
}

const JSON_TYPE = ["Content-Type", "application/json"] as const;
const HELLO = '{"type":"hello","version":1,"key":"a-key-of-the-fuzzer-that-is-long","producer":"producer-1"}';
const FRAMES = [
  HELLO,
  '{"type":"subscribe","room":"lobby","after":0,"epoch":"x","atMost":5}',
  '{"type":"subscribe","room":"other","last":2}',
  '{"type":"publish","room":"lobby","seq":1,"afterSeq":0,"re":1,"body":{"text":"hi"}}',
  '{"type":"history","id":1,"room":"lobby","before":9,"limit":3,"related":true}',
  '{"type":"unsubscribe","room":"lobby"}',
  '{"type":"renew","token":"x"}',
  '{"type":"ping"}',
].join("\n");

const UPGRADE: Headers = [
  ["Upgrade", "websocket"],
  ["Connection", "Upgrade"],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
  ["Sec-WebSocket-Version", "13"],
];

/** Something valid for every address of the server. */
const BASES: readonly Base[] = [
  ...FILE_BASES,
  ...["/healthz", "/readyz", "/metrics", "/status", "/status/status.js", "/connect", "/rooms/lobby", "/"].map(
    (path) => ({ method: "GET", path, query: [], headers: [], body: "" }),
  ),
  {
    method: "GET",
    path: "/rooms/lobby/messages",
    query: [
      ["after", "1"],
      ["limit", "3"],
      ["related", "true"],
    ],
    headers: [["Accept", "application/json"]],
    body: "",
  },
  {
    method: "GET",
    path: "/rooms/lobby/messages",
    query: [["after", "1"]],
    headers: [
      ["Accept", "text/event-stream"],
      ["Last-Event-ID", "x:1"],
    ],
    body: "",
  },
  {
    method: "POST",
    path: "/rooms/lobby/messages",
    query: [],
    headers: [
      JSON_TYPE,
      ["Parlor-Producer", "producer-1"],
      ["Parlor-Seq", "1"],
      ["Authorization", "Bearer a-key-of-the-fuzzer-that-is-long"],
    ],
    body: '{"text":"hi"}',
  },
  {
    method: "POST",
    path: "/rooms/lobby/messages",
    query: [],
    headers: [JSON_TYPE, ["Idempotency-Key", "once"]],
    body: '"hi"',
  },
  { method: "POST", path: "/connect/stream", query: [], headers: [JSON_TYPE], body: FRAMES },
  { method: "POST", path: "/connect/poll", query: [["wait", "1"]], headers: [JSON_TYPE], body: FRAMES },
  { method: "POST", path: "/connect/send", query: [], headers: [JSON_TYPE], body: FRAMES },
  {
    method: "GET",
    path: "/connect",
    query: [],
    headers: [...UPGRADE, ["Sec-WebSocket-Protocol", "parlor.v1"]],
    body: "",
  },
  { method: "GET", path: "/rooms/lobby", query: [["last", "2"]], headers: UPGRADE, body: "" },
  {
    method: "OPTIONS",
    path: "/rooms/lobby/messages",
    query: [],
    headers: [
      ["Origin", "https://listed.example"],
      ["Access-Control-Request-Method", "POST"],
    ],
    body: "",
  },
];

const ALL_METHODS: readonly string[] = [...METHODS, "CONNECT"];
const PARAMETERS = ["after", "before", "limit", "related", "last", "wait", "callback", "__proto__", ""];
const HEADERS = [
  "Accept",
  "Authorization",
  "Content-Type",
  "Content-Encoding",
  "Cookie",
  "Expect",
  "Forwarded",
  "Host",
  "Idempotency-Key",
  "If-None-Match",
  "Last-Event-ID",
  "Origin",
  "Parlor-Producer",
  "Parlor-Seq",
  "Range",
  "Sec-Fetch-Site",
  "Upload-Offset",
  "X-Forwarded-For",
  "X-Forwarded-Proto",
  "__proto__",
  "constructor",
];
/** A change of these makes the framing, or what becomes of the connection, somebody else's question. */
const FRAMING_HEADERS = [
  "Connection",
  "Content-Length",
  "Transfer-Encoding",
  "Upgrade",
  "Sec-WebSocket-Key",
  "Sec-WebSocket-Version",
  "Sec-WebSocket-Protocol",
  "Sec-WebSocket-Extensions",
  "Trailer",
  "TE",
];
const VALUES = [
  "",
  "0",
  "1",
  "-1",
  "25",
  "1e3",
  "9007199254740992",
  "null",
  "true",
  "*",
  "*/*",
  "text/event-stream",
  "application/x-ndjson; charset=utf-8",
  "text/plain",
  "gzip",
  "chunked",
  "100-continue",
  "Bearer ",
  "Bearer a-key-of-the-fuzzer-that-is-long",
  "https://listed.example",
  "http://127.0.0.1",
  "null, null",
  "127.0.0.1, ::1, unknown",
  "bytes=-1,0-,99999999999999999999-",
  "x:1",
  "x:-1",
  "__proto__",
  "a=b; c=d",
  "%00%ff",
  "x".repeat(200),
  "x".repeat(17_000),
] as const;
const SEGMENTS = [
  "lobby",
  "other",
  "messages",
  "connect",
  "stream",
  "..",
  ".",
  "%2e%2e",
  "%2F",
  "%00",
  "%",
  "%ff",
  "e%cc%81",
  "@server",
  "constructor",
  "a?b",
  "#",
  "",
  "x".repeat(200),
];

const visible = fc.string({
  unit: fc.constantFrom(..."!#$%&'*+-.^_`|~09azAZ/:;,=?@()[]{}<>\"\\ ".split("")),
  maxLength: 12,
});
const value = fc.oneof(fc.constantFrom(...VALUES), visible);
const anyByte = fc.oneof(value, fc.string({ unit: "binary", maxLength: 6 }));

/** A body whose text has places cut out and others put in, of JSON and of anything. */
const bodyOf = (body: string): fc.Arbitrary<string> => {
  const cuts = fc.array(
    fc.record({
      at: fc.nat(),
      cut: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 60 })),
      put: fc.oneof(
        fc.constantFrom("", '"', "}", "null", "1e999", "-1", "\n", '{"type":"ping"}\n', "[".repeat(200)),
        fc.json({ maxDepth: 2 }),
        fc.string({ unit: "binary", maxLength: 4 }),
      ),
    }),
    { maxLength: 3 },
  );
  return cuts.map((changes) => {
    let text = body;
    for (const { at, cut, put } of changes) {
      const place = at % (text.length + 1);
      text = text.slice(0, place) + put + text.slice(place + cut);
    }
    return text;
  });
};

/** Mostly `undefined`, so that a request differs from a valid one in few places. */
const sometimes = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

export const fuzzedRequest: fc.Arbitrary<FuzzedRequest> = fc.constantFrom(...BASES).chain((base) =>
  fc
    .record({
      method: sometimes(fc.oneof(fc.constantFrom(...ALL_METHODS), visible)),
      segment: sometimes(fc.tuple(fc.nat(), fc.constantFrom(...SEGMENTS))),
      raw: sometimes(fc.tuple(fc.nat(), anyByte)),
      query: fc.array(fc.tuple(fc.constantFrom(...PARAMETERS), value), { maxLength: 2 }),
      headers: fc.array(fc.tuple(fc.constantFrom(...HEADERS), value), { maxLength: 3 }),
      framing: sometimes(fc.tuple(fc.constantFrom(...FRAMING_HEADERS), anyByte)),
      dropped: sometimes(fc.nat()),
      version: sometimes(fc.constantFrom("1.0", "1.2", "2.0", "0.9", "x")),
      body: fc.oneof(fc.constant(base.body), bodyOf(base.body)),
      chunked: sometimes(fc.integer({ min: 1, max: 50 })),
    })
    .map((changes) => write(base, changes)),
);

interface Changes {
  readonly method: string | undefined;
  readonly segment: readonly [number, string] | undefined;
  readonly raw: readonly [number, string] | undefined;
  readonly query: Headers;
  readonly headers: Headers;
  readonly framing: readonly [string, string] | undefined;
  readonly dropped: number | undefined;
  readonly version: string | undefined;
  readonly body: string;
  readonly chunked: number | undefined;
}

function write(base: Base, changes: Changes): FuzzedRequest {
  const method = changes.method ?? base.method;
  const target = targetOf(base, changes);
  const headers: [string, string][] = [["Host", "127.0.0.1"], ...base.headers, ...changes.headers].map(
    ([name, text]) => [name, text],
  );
  if (changes.dropped !== undefined) headers.splice(changes.dropped % headers.length, 1);
  const body = Buffer.from(changes.body, "utf8");
  const isUpgrade = headers.some(([name]) => name === "Upgrade");
  let payload: Buffer = body;
  if (body.length > 0 && changes.chunked !== undefined) {
    headers.push(["Transfer-Encoding", "chunked"]);
    payload = chunksOf(body, changes.chunked);
  } else if (body.length > 0 || method === "POST") {
    headers.push(["Content-Length", String(body.length)]);
  }
  if (changes.framing !== undefined) headers.push([changes.framing[0], changes.framing[1]]);
  const head = `${method} ${target} HTTP/${changes.version ?? "1.1"}\r\n${headers.map(([name, text]) => `${name}: ${text}\r\n`).join("")}\r\n`;
  const isSound =
    changes.framing === undefined &&
    changes.version === undefined &&
    ALL_METHODS.includes(method) &&
    /^[!-"$-~]+$/.test(target) &&
    !(isUpgrade && body.length > 0);
  return { bytes: Buffer.concat([Buffer.from(head, "latin1"), payload]), method, target, isSound };
}

function targetOf(base: Base, { segment, raw, query }: Changes): string {
  const segments = base.path.split("/");
  if (segment !== undefined) segments[1 + (segment[0] % segments.length)] = segment[1];
  let path = segments.join("/");
  if (raw !== undefined) {
    const place = raw[0] % (path.length + 1);
    path = path.slice(0, place) + raw[1] + path.slice(place);
  }
  const all = [...base.query, ...query];
  return all.length === 0
    ? path
    : `${path}?${all.map(([name, text]) => `${name}=${encodeURI(text)}`).join("&")}`;
}

function chunksOf(body: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const chunk = body.subarray(at, at + size);
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}
