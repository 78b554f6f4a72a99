import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { OPCODES, RawSocketPeer } from "@parlor/testkit";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";

/** Everything that must stand in no line, each told apart from the others. */
const SECRET = {
  key: "s3cret-key-of-22-or-more",
  token: "s3cret-token",
  query: "s3cret-query-token",
  body: "s3cret-body",
  badBody: "s3cret-broken-body",
  room: "s3cret-room",
  type: "s3cret-type-of-frame",
  profile: "s3cret-profile",
  idempotency: "s3cret-idempotency",
  operator: "s3cret-operator",
  wrongOperator: "s3cret-wrong-operator",
  cookie: "s3cret-cookie",
  form: "s3cret-form",
  producer: "s3cretProducer",
  closeReason: "s3cret-close-reason",
} as const;

const MEMBERS = new Set(
  "level message event at worker connection transport address origin identity reason code fault abnormal ms to leftOutBefore".split(
    " ",
  ),
);

const HELLO = {
  type: "hello",
  version: 1,
  key: SECRET.key,
  producer: SECRET.producer,
  token: SECRET.token,
  profile: { name: SECRET.profile },
};

type Line = Readonly<Record<string, unknown>>;

/** The events that a server told, once it has ended. */
async function eventsOf(server: ParlorProcess): Promise<readonly Line[]> {
  server.kill("SIGTERM");
  assert.equal((await server.end()).code, 0);
  const everything = [...server.stdout, ...server.stderr];
  for (const [name, secret] of Object.entries(SECRET)) {
    const told = everything.find((line) => line.includes(secret));
    assert.equal(told, undefined, `${name} is in a line`);
  }
  return server.stderr.map((line) => {
    const event = JSON.parse(line) as Line;
    for (const member of Object.keys(event)) assert.ok(MEMBERS.has(member), `${member} is in a line`);
    return event;
  });
}

const EVENTS = ["--port", "0", "--log", "memory:", "--events", "stderr", "--operator-key", SECRET.operator];

/** Says that a line with these members is among the events. */
function has(lines: readonly Line[], wanted: Line): void {
  const isIt = (line: Line): boolean => Object.entries(wanted).every(([name, value]) => line[name] === value);
  assert.ok(
    lines.some(isIt),
    `${JSON.stringify(wanted)} among\n${lines.map((l) => JSON.stringify(l)).join("\n")}`,
  );
}

test("[EVENT-1] [EVENT-2] openings, ends, who, from where, refusals and violations are told, and no body, room, key, token or session (O11, O23, O24)", async () => {
  await using server = new ParlorProcess({ args: EVENTS });
  const url = await server.url;
  const port = Number(new URL(url).port);
  const path = `/connect?token=${SECRET.query}`;

  // A good connection that also sends what is refused, and closes in order.
  const good = await RawSocketPeer.open({
    port,
    path,
    headers: { Origin: `http://127.0.0.1:${port}`, Cookie: SECRET.cookie },
  });
  good.send(HELLO);
  const { identity } = (await good.readJsonWith({ type: "welcome" })) as { identity: string };
  const publish = { type: "publish", room: SECRET.room };
  good.send({ ...publish, seq: 1, body: SECRET.body });
  await good.readJsonWith({ type: "ack", seq: 1 });
  good.send({ ...publish, seq: 2, body: SECRET.body.repeat(10_000) });
  await good.readJsonWith({ type: "refused", code: "too-large" });
  good.send({ type: SECRET.type, token: SECRET.token });
  await good.readJsonWith({ code: "unknown-frame" });
  good.sendFrame({ payload: `{"type":"publish","body":"${SECRET.badBody}` });
  await good.readJsonWith({ code: "bad-frame" });
  good.send({ type: "subscribe", room: `${SECRET.room}\u0001` });
  await good.readJsonWith({ code: "bad-room" });
  good.send({ type: "renew", token: SECRET.token });
  good.sendFrame({
    opcode: OPCODES.close,
    payload: Buffer.concat([Buffer.from([3, 232]), Buffer.from(SECRET.closeReason)]),
  });
  await good.readClose();

  // One that vanishes, one that breaks the protocol of WebSockets, one that does not greet first.
  const gone = await RawSocketPeer.open({ port, path });
  gone.send(HELLO);
  await gone.readJsonWith({ type: "welcome" });
  gone.destroy();
  const broken = await RawSocketPeer.open({ port, path });
  broken.sendFrame({ payload: Buffer.from([0xff, 0xfe]) });
  await broken.readClose();
  const early = await RawSocketPeer.open({ port, path });
  early.send({ ...publish, seq: 1, body: SECRET.body });
  await early.readJsonWith({ code: "hello-first" });
  early.destroy();

  // Doors: a page from elsewhere, an address with no WebSocket.
  const evil = await RawSocketPeer.connect({ port });
  await evil.handshake({ path, headers: { Origin: "https://evil.example" } });
  const nowhere = await RawSocketPeer.connect({ port });
  await nowhere.handshake({ path: `/healthz?token=${SECRET.query}` });

  // Without a WebSocket: stream, poll, send, REST, the operator's page, the page without a script.
  const headers = { "content-type": "application/x-ndjson", cookie: SECRET.cookie };
  const lines = (...frames: readonly object[]): string =>
    frames.map((frame) => JSON.stringify(frame)).join("\n");
  const stream = new AbortController();
  const body = lines(HELLO, { type: "subscribe", room: SECRET.room, last: 1 });
  const streaming = await fetch(`${url}connect/stream?token=${SECRET.query}`, {
    method: "POST",
    headers,
    body,
    signal: stream.signal,
  });
  await streaming.body?.getReader().read();
  stream.abort();
  await fetch(`${url}connect/poll?wait=0&token=${SECRET.query}`, { method: "POST", headers, body }).then(
    (r) => r.text(),
  );
  const sent = lines(
    { ...HELLO, producer: `${SECRET.producer}2` },
    { ...publish, seq: 1, body: SECRET.body },
  );
  await fetch(`${url}connect/send`, { method: "POST", headers, body: sent }).then((r) => r.text());
  await fetch(`${url}connect/send`, { method: "POST", headers, body: `{"type":"${SECRET.type}"}` }).then(
    (r) => r.text(),
  );
  const rest = `${url}rooms/${SECRET.room}/messages`;
  const json = {
    "content-type": "application/json",
    authorization: `Bearer ${SECRET.key}`,
    "idempotency-key": SECRET.idempotency,
  };
  assert.equal(
    (await fetch(rest, { method: "POST", headers: json, body: JSON.stringify(SECRET.body) })).status,
    201,
  );
  assert.equal(
    (await fetch(rest, { method: "POST", headers: json, body: `{"${SECRET.badBody}` })).status,
    400,
  );
  assert.equal(
    (
      await fetch(rest, {
        method: "POST",
        headers: { ...json, "content-type": "text/plain" },
        body: SECRET.badBody,
      })
    ).status,
    415,
  );
  assert.equal((await fetch(`${rest}?after=${SECRET.query}`)).status, 400);
  const feed = new AbortController();
  const feeding = await fetch(rest, {
    headers: { accept: "text/event-stream", authorization: `Bearer ${SECRET.key}` },
    signal: feed.signal,
  });
  await feeding.body?.getReader().read();
  feed.abort();
  const operator = {
    accept: "application/json",
    "x-forwarded-for": "192.0.2.7",
    authorization: `Bearer ${SECRET.wrongOperator}`,
  };
  assert.equal((await fetch(`${url}status`, { headers: operator })).status, 200);
  await fetch(`${url}status`, { headers: { ...operator, authorization: `Bearer ${SECRET.operator}` } });
  const form = {
    origin: `http://127.0.0.1:${port}`,
    "content-type": "application/x-www-form-urlencoded",
    cookie: `k=${SECRET.cookie}`,
  };
  await fetch(`${url}r/${SECRET.room}/live.html`, {
    method: "POST",
    headers: form,
    body: `text=${SECRET.form}`,
    redirect: "manual",
  });

  // A plain room, which takes text and refuses the rest.
  const plain = await RawSocketPeer.open({ port, path: `/rooms/${SECRET.room}?last=0`, subprotocol: null });
  plain.sendFrame({ payload: SECRET.body });
  plain.sendFrame({ opcode: OPCODES.binary, payload: SECRET.body });
  // The message, and the refusal.
  await plain.readJson();
  await plain.readJson();
  plain.socket.end();
  await once(plain.socket, "close");

  const told = await eventsOf(server);
  const ws = { transport: "websocket", address: "127.0.0.1" };
  has(told, { event: "open", ...ws, origin: `http://127.0.0.1:${port}` });
  has(told, { event: "welcome", ...ws, identity });
  has(told, { event: "close", ...ws, identity, code: 1000, reason: "gone", abnormal: false });
  has(told, { event: "close", ...ws, identity, code: 1006, reason: "gone", abnormal: true });
  has(told, { event: "close", ...ws, reason: "fault", fault: "WS_ERR_INVALID_UTF8", abnormal: true });
  has(told, { event: "refused", code: "too-large", to: "publish", identity, address: "127.0.0.1" });
  has(told, { event: "refused", code: "unknown-frame", to: "frame", identity });
  has(told, { event: "refused", code: "bad-frame", to: "frame", identity });
  has(told, { event: "refused", code: "bad-room", to: "subscribe", identity });
  has(told, { event: "refused", code: "hello-first" });
  has(told, {
    event: "turned-away",
    reason: "origin",
    code: "origin-not-allowed",
    origin: "https://evil.example",
  });
  has(told, { event: "turned-away", reason: "bad-address", address: "127.0.0.1" });
  for (const transport of ["stream", "feed", "plain"]) {
    has(told, { event: "open", transport, address: "127.0.0.1" });
    has(told, { event: "close", transport, reason: "gone" });
  }
  for (const transport of ["poll", "send"])
    has(told, { event: "close", transport, reason: "answered", identity });
  has(told, { event: "refused", code: "bad-frame", to: "publish" });
  has(told, { event: "refused", code: "bad-frame", to: "history" });
  has(told, { event: "wrong-operator-key", address: "127.0.0.1" });
  assert.equal(told.filter(({ event }) => event === "wrong-operator-key").length, 1);
  const opens = told.filter(({ event }) => event === "open").map(({ connection }) => connection);
  const closes = new Set(told.filter(({ event }) => event === "close").map(({ connection }) => connection));
  assert.ok(
    opens.length >= 7 && opens.every((connection) => closes.has(connection)),
    "each one that opened ended",
  );
});

test("[EVENT-3] without --events nothing of it is written, and with workers each line names its worker", async () => {
  using folder = temporaryFolder();
  for (const workers of [1, 2]) {
    const args =
      workers === 1 ? ["--port", "0", "--log", "memory:"] : [...EVENTS, "--log", "sqlite:", "--workers", "2"];
    await using server = new ParlorProcess({
      args,
      environment: { PARLOR_DATA: folder.path },
    });
    const port = Number(new URL(await server.url).port);
    const peer = await RawSocketPeer.open({ port });
    peer.send(HELLO);
    await peer.readJsonWith({ type: "welcome" });
    peer.destroy();
    if (workers === 2)
      await server.printed(() => server.stderr.some((line) => line.includes('"event":"close"')));
    const told = await eventsOf(server);
    if (workers === 1) assert.deepEqual(told, []);
    else assert.ok(told.length > 0 && told.every(({ worker }) => worker === "1" || worker === "2"));
  }
});
