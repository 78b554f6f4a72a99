import { data, equal, event, ok, record, same, type SuiteCase } from "../page/suite-case.ts";
import { each, group } from "./group.ts";

const FAILING_HANDSHAKES = [
  "wrong-accept",
  "no-accept",
  "no-upgrade",
  "other-upgrade",
  "no-connection",
  "other-connection",
  "unasked-protocol",
  "two-protocols",
  "unasked-extension",
  "status-200",
  "status-301",
  "status-401",
  "status-404",
  "status-500",
];

const WHOLE: readonly (readonly [endpoint: string, text: string])[] = [
  ["fragments", "fragmented"],
  ["fragments-around-ping", "one message"],
  ["fragments-of-a-character", "€"],
  ["empty-text", ""],
  ["empty-fragments", ""],
];

const FAILING_FRAMES = [
  "masked",
  "invalid-utf8",
  "cut-utf8",
  "surrogate",
  "invalid-reason",
  "rsv2",
  "rsv3",
  "reserved-opcode",
  "reserved-control",
  "lone-continuation",
  "text-within-fragments",
  "binary-within-fragments",
  "fragmented-ping",
  "one-byte-close",
];

export const WIRE_CASES: readonly SuiteCase[] = [
  ...group("handshake", {
    ...each(
      FAILING_HANDSHAKES,
      (name) => `${name.replaceAll("-", " ")}: error, then close with 1006, for good`,
      (name) => async (stage) => {
        const socket = stage.make(stage.url(`/raw/${name}`));
        const seen = record(socket);
        const closed = await event(socket, "close");
        same([closed.code, closed.reason, closed.wasClean], [1006, "", false]);
        same(seen, ["error", "close"]);
        equal(socket.readyState, 3);
      },
    ),
    "it says version 13, a key of its own and where the page is from": async (stage) => {
      const [one] = (await data(stage.make(stage.url("/headers")))) as [string];
      const [other] = (await data(stage.make(stage.url("/headers")))) as [string];
      const headers = JSON.parse(one) as Record<string, string>;
      equal(headers["sec-websocket-version"], "13");
      ok(/^[A-Za-z0-9+/]{22}==$/.test(headers["sec-websocket-key"] ?? ""), "the key is not 16 bytes");
      ok(
        headers["sec-websocket-key"] !== JSON.parse(other)["sec-websocket-key"],
        "the key is the same twice",
      );
      equal(headers["origin"], location.origin);
      equal(headers["sec-websocket-protocol"], undefined);
    },
  }),
  ...group("cookies", {
    "a cookie that scripts can't see is sent": async (stage) => {
      const [headers] = (await data(stage.make(stage.url("/headers")))) as [string];
      ok(/from-page=yes/.test(JSON.parse(headers).cookie ?? ""), `${JSON.parse(headers).cookie}`);
    },
    "one that comes with the handshake is kept": async (stage) => {
      await stage.open(stage.url("/cookie"));
      const [headers] = (await data(stage.make(stage.url("/headers")))) as [string];
      ok(/from-handshake=yes/.test(JSON.parse(headers).cookie ?? ""), `${JSON.parse(headers).cookie}`);
    },
  }),
  ...group(
    "cookies",
    {
      "one that the page sets is sent": async (stage) => {
        document.cookie = "from-script=yes; path=/";
        const [headers] = (await data(stage.make(stage.url("/headers")))) as [string];
        ok(/from-script=yes/.test(JSON.parse(headers).cookie ?? ""), `${JSON.parse(headers).cookie}`);
      },
    },
    "window",
  ),
  ...group("frames", {
    ...each(
      WHOLE,
      ([name]) => `${name.replaceAll("-", " ")}: one message`,
      ([name, text]) =>
        async (stage) =>
          same(await data(stage.make(stage.url(`/raw/${name}`))), [text]),
    ),
    ...each(
      FAILING_FRAMES,
      (name) => `${name.replaceAll("-", " ")}: the connection fails, and no message comes`,
      (name) => async (stage) => {
        const socket = stage.make(stage.url(`/raw/${name}`));
        const seen = record(socket);
        const closed = await event(socket, "close");
        equal(closed.wasClean, false);
        same(seen, ["open", "error", "close"]);
      },
    ),
  }),
];
