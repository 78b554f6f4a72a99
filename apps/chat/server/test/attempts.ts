import { createHash } from "node:crypto";
import { ParlorSocket } from "./parlor-socket.ts";
import { SEARCHES } from "./search-attempts.ts";

/** Who tries what where. */
export interface Attempt {
  /** The server's address, with its base path. */
  readonly url: string;
  readonly room: string;
  readonly key: string;
}

/** `done`, or the code of the refusal. */
export type Outcome = string;

type Frame = Readonly<Record<string, unknown>>;
type Try = (attempt: Attempt) => Promise<Outcome>;

/** A file that is in each of the rooms. */
export const FILE = Buffer.from("the bytes of a file");
export const FILE_HASH = createHash("sha256").update(FILE).digest("hex");

let seqs = 0;

/** Every way to read a room. Those of `anonymous` bring no key. */
export const READS: Readonly<Record<string, Try>> = {
  "subscribe by WebSocket": (who) => bySocket(who, { type: "subscribe", room: who.room, last: 5 }),
  "presence by WebSocket": (who) =>
    bySocket(who, { type: "subscribe", room: who.room, presence: true, state: true }),
  "history by WebSocket": (who) => bySocket(who, { type: "history", id: 1, room: who.room }),
  "a stream": (who) => byStream(who, { type: "subscribe", room: who.room, last: 5 }),
  "a poll": (who) => byRequest(who, "poll?wait=0", { type: "subscribe", room: who.room, last: 5 }),
  "history by send": (who) => byRequest(who, "send", { type: "history", id: 1, room: who.room }),
  "REST history": (who) => byGet(who, "messages"),
  "the event feed": (who) => byGet(who, "messages", { accept: "text/event-stream" }),
  "the head of the event feed": (who) => byGet(who, "messages", { accept: "text/event-stream" }, "HEAD"),
  "a file": (who) => byGet(who, `files/${FILE_HASH}`),
  "a file by a pass": (who) => byPass(who),
  "the page without a script": (who) => byPage(who),
  ...SEARCHES,
};

/** Every way to write into a room. */
export const WRITES: Readonly<Record<string, Try>> = {
  "publish by WebSocket": (who) => bySocket(who, { type: "publish", room: who.room, seq: 1, body: "x" }),
  "set by WebSocket": (who) => bySocket(who, { type: "set", id: 1, room: who.room, key: "k", value: 1 }),
  "signal by WebSocket": (who) => bySocket(who, { type: "signal", room: who.room, body: "x" }, true),
  "publish by send": (who) => {
    seqs += 1;
    return byRequest(who, "send", { type: "publish", room: who.room, seq: seqs, afterSeq: 0, body: "x" });
  },
  "set by send": (who) => byRequest(who, "send", { type: "set", id: 1, room: who.room, key: "k", value: 2 }),
  "signal by send": (who) => byRequest(who, "send", { type: "signal", room: who.room, body: "x" }),
  "REST publish": (who) => byPost(who, "messages", "x"),
  "an upload": (who) => byPost(who, "files", { size: 5 }),
  "the form": (who) => byForm(who),
};

/** Those that have no key, and so nobody's rights but a stranger's. */
export const ANONYMOUS_READS: Readonly<Record<string, Try>> = {
  "a plain room": async ({ url, room }) => {
    const socket = await ParlorSocket.open(url, `rooms/${encodeURIComponent(room)}`);
    const outcome = outcomeOf(await socket.next(() => true));
    socket.close();
    return outcome;
  },
  "REST without a key": (who) => byGet({ ...who, key: "" }, "messages"),
  "a file without a key": (who) => byGet({ ...who, key: "" }, `files/${FILE_HASH}`),
  "a pass without a key": (who) => byGet({ ...who, key: "" }, "files"),
};

export const ANONYMOUS_WRITES: Readonly<Record<string, Try>> = {
  "a plain room": async ({ url, room }) => {
    const socket = await ParlorSocket.open(url, `rooms/${encodeURIComponent(room)}?last=0`);
    socket.send("said in a plain room");
    const answered = (frame: Frame): boolean => {
      const { error, messages } = frame as { error?: object; messages?: readonly string[] };
      return error !== undefined || (messages ?? []).includes("said in a plain room");
    };
    const outcome = outcomeOf(await socket.next(answered));
    socket.close();
    return outcome;
  },
  "REST with an idempotency key": (who) => {
    seqs += 1;
    return byPost({ ...who, key: "" }, "messages", "x", { "idempotency-key": `once-${seqs}` });
  },
};

/** What a request of a page is answered, by each road that takes one. */
export const REQUESTS: Readonly<
  Record<string, (who: Attempt, method: string, params: unknown) => Promise<Outcome>>
> = {
  WebSocket: (who, method, params) => bySocket(who, { type: "request", id: 1, method, params }),
  send: (who, method, params) => byRequest(who, "send", { type: "request", id: 1, method, params }),
};

function hello({ key }: Attempt): Frame {
  return { type: "hello", version: 1, key, producer: "producer-1" };
}

async function bySocket(who: Attempt, frame: Frame, isSilent = false): Promise<Outcome> {
  const socket = await ParlorSocket.open(who.url, "connect", "parlor.v1");
  // A producer of its own, so that the first seq is new.
  socket.send({ ...hello(who), producer: crypto.randomUUID().slice(0, 32).replaceAll("-", "_") });
  await socket.next(({ type }) => type === "welcome");
  socket.send(frame);
  // What is not answered where it is taken is followed by what is.
  if (isSilent) socket.send({ type: "request", id: 2, method: "nobody-answers-that" });
  const answers = ["subscribed", "history", "ack", "refused", "error", "reply"];
  const outcome = outcomeOf(await socket.next(({ type }) => answers.includes(type as string)), isSilent);
  socket.close();
  return outcome;
}

async function byRequest(who: Attempt, road: string, frame: Frame): Promise<Outcome> {
  const response = await fetch(`${who.url}connect/${road}`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: `${JSON.stringify(hello(who))}\n${JSON.stringify(frame)}`,
  });
  const lines = (await response.text()).trim().split("\n");
  const last = JSON.parse(lines[1] ?? lines[0] ?? "{}") as Frame;
  return outcomeOf(last);
}

async function byStream(who: Attempt, frame: Frame): Promise<Outcome> {
  const response = await fetch(`${who.url}connect/stream`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: `${JSON.stringify(hello(who))}\n${JSON.stringify(frame)}`,
  });
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const answer = /^data:(.*"type":"(?:subscribed|error)".*)$/m.exec(text)?.[1];
    if (answer !== undefined) return outcomeOf(JSON.parse(answer) as Frame);
  }
  return `ended: ${text}`;
}

async function byGet(
  who: Attempt,
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<Outcome> {
  const abort = new AbortController();
  const response = await fetch(roomUrl(who, path), {
    method,
    headers: { ...headers, ...(who.key === "" ? {} : { authorization: `Bearer ${who.key}` }) },
    signal: abort.signal,
  });
  const outcome = await ofResponse(response, method === "HEAD" || response.ok);
  abort.abort();
  return outcome;
}

/** As a page shows a picture: it asks with its key, and the picture is asked for without one. */
async function byPass(who: Attempt): Promise<Outcome> {
  const asked = await fetch(roomUrl(who, "files"), { headers: { authorization: `Bearer ${who.key}` } });
  if (!asked.ok) return ofResponse(asked, false);
  const { pass } = (await asked.json()) as { pass: string | null };
  return byGet({ ...who, key: "" }, `files/${FILE_HASH}${pass === null ? "" : `?pass=${pass}`}`);
}

async function byPost(
  who: Attempt,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Outcome> {
  const response = await fetch(roomUrl(who, path), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...headers,
      ...(who.key === "" ? {} : { authorization: `Bearer ${who.key}` }),
    },
    body: JSON.stringify(body),
  });
  return ofResponse(response, response.ok);
}

async function byPage({ url, room, key }: Attempt): Promise<Outcome> {
  const abort = new AbortController();
  const response = await fetch(`${url}r/${encodeURIComponent(room)}/live.html`, {
    headers: { cookie: `parlor_key=${key}` },
    signal: abort.signal,
  });
  abort.abort();
  return ofResponse(response, true);
}

async function byForm({ url, room, key }: Attempt): Promise<Outcome> {
  seqs += 1;
  const response = await fetch(`${url}r/${encodeURIComponent(room)}/live.html`, {
    method: "POST",
    headers: {
      cookie: `parlor_key=${key}`,
      "content-type": "application/x-www-form-urlencoded",
      origin: new URL(url).origin,
    },
    body: new URLSearchParams({ name: "Cy", text: "x", once: `form-of-test-${seqs}`, after: "" }),
    redirect: "manual",
  });
  await response.body?.cancel();
  return response.status === 303
    ? "done"
    : response.status === 403
      ? "forbidden"
      : `status ${response.status}`;
}

function roomUrl({ url, room }: Attempt, path: string): string {
  return `${url}rooms/${encodeURIComponent(room)}/${path}`;
}

/** Bodies of answers that go on are not read. */
async function ofResponse(response: Response, byStatus: boolean): Promise<Outcome> {
  if (response.ok) return "done";
  if (byStatus) return response.status === 403 ? "forbidden" : `status ${response.status}`;
  const { error } = (await response.json()) as { error: { code: string } };
  return error.code;
}

function outcomeOf(frame: Frame, isSilent = false): Outcome {
  const { type, error, code } = frame as { type?: string; error?: { code: string }; code?: string };
  if (isSilent && type === "reply") return "done";
  if (error !== undefined) return error.code;
  return type === "error" || type === "refused" ? (code ?? "no code") : "done";
}
