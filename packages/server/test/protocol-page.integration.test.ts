import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test, type TestContext } from "node:test";
import { parseOffset, parsePosition, roomNameFault } from "@parlor/protocol";
import type { Parlor } from "@parlor/server";
import { identityFromKey } from "../src/session/identity.ts";
import { parseTarget } from "../src/transport/address.ts";
import { startParlor } from "./support/parlor-server.ts";
import { TextSocket } from "./support/peer.ts";
import { Comparison, readTable, readTranscripts, type TranscriptLine } from "./support/transcripts.ts";
import { within } from "./support/within.ts";

const PAGE = readFileSync(new URL("../../../docs/protocol.md", import.meta.url), "utf8");

/** What a line behind `#` does. */
const HAPPENINGS: readonly [RegExp, (parlor: Parlor, text: string) => Promise<unknown>][] = [
  [
    /^the room lobby holds "one", "two" and "three"$/,
    async (parlor) => {
      for (const body of ["one", "two", "three"]) await parlor.room("lobby").publish(body);
    },
  ],
  [/^the room lobby is trimmed before 3$/, (parlor) => parlor.room("lobby").trim(3)],
  [/^the room lobby is deleted$/, (parlor) => parlor.room("lobby").delete()],
  [
    /^the server is asked to stop$/,
    async (parlor) => {
      // It says goodbye long before it has stopped.
      void parlor.drain();
    },
  ],
];

describe("transcripts", () => {
  const transcripts = readTranscripts(PAGE);
  assert.ok(transcripts.length >= 10);
  for (const { title, line, lines } of transcripts) {
    test(`[DOC-1] ${title}, line ${line}`, (t) => replay(t, lines));
  }
});

async function replay(t: TestContext, lines: readonly TranscriptLine[]): Promise<void> {
  const isBounded = lines.some(({ text }) => text === "maxBodyBytes is 64");
  const { parlor, port, origin } = await startParlor(t, isBounded ? { maxBodyBytes: 64 } : {});
  const comparison = new Comparison();
  let socket: TextSocket | null = null;
  for (const step of steps(lines)) {
    if (step.kind === "answers") await expectTexts(socket, step.texts, comparison);
    else if (step.kind === "request") await exchange(origin, step.texts, step.answer, comparison);
    else if (step.kind === "send") socket?.sendText(step.text);
    else if (step.text.startsWith("connect to ")) {
      const path = step.text.slice("connect to ".length);
      const protocols = path === "/connect" ? ["parlor.v1"] : [];
      socket = await TextSocket.open(t, `ws://127.0.0.1:${port}${path}`, protocols);
    } else if (step.text !== "maxBodyBytes is 64") {
      const happening = HAPPENINGS.find(([pattern]) => pattern.test(step.text));
      assert.ok(happening !== undefined, `nobody knows how to let happen: ${step.text}`);
      await happening[1](parlor, step.text);
    }
  }
}

type Step =
  | { readonly kind: "happens"; readonly text: string }
  | { readonly kind: "send"; readonly text: string }
  | { readonly kind: "answers"; readonly texts: readonly string[] }
  | { readonly kind: "request"; readonly texts: readonly string[]; readonly answer: readonly string[] };

const REQUEST_LINE = /^(GET|POST|DELETE) \//;

function* steps(lines: readonly TranscriptLine[]): Generator<Step> {
  let rest = lines;
  const takeWhile = (mark: TranscriptLine["mark"]): string[] => {
    // The next request begins a step of its own, though its mark is the same.
    const isEnd = ({ mark: other, text }: TranscriptLine, index: number): boolean =>
      other !== mark || (index > 0 && REQUEST_LINE.test(text));
    const end = rest.findIndex(isEnd);
    const taken = end === -1 ? rest : rest.slice(0, end);
    rest = rest.slice(taken.length);
    return taken.map(({ text }) => text);
  };
  while (rest.length > 0) {
    const { mark, text } = rest[0] as TranscriptLine;
    if (mark === "<") yield { kind: "answers", texts: takeWhile("<") };
    else if (mark === ">" && REQUEST_LINE.test(text)) {
      yield { kind: "request", texts: takeWhile(">"), answer: takeWhile("<") };
    } else {
      rest = rest.slice(1);
      yield { kind: mark === "#" ? "happens" : "send", text };
    }
  }
}

/** The answers to one question may come in any order, since a message may overtake its ack. */
async function expectTexts(
  socket: TextSocket | null,
  shown: readonly string[],
  comparison: Comparison,
): Promise<void> {
  assert.ok(socket !== null);
  const frames = shown.filter((text) => !text.startsWith("close "));
  const came: unknown[] = [];
  for (let i = 0; i < frames.length; i++) came.push(await socket.json());
  for (const text of frames) {
    const index = came.findIndex((each) => comparison.matches(JSON.parse(text), each));
    assert.notEqual(
      index,
      -1,
      `${text}\ndid not come, but\n${came.map((each) => JSON.stringify(each)).join("\n")}`,
    );
    came.splice(index, 1);
  }
  const close = shown.find((text) => text.startsWith("close "));
  if (close !== undefined) assert.equal(`close ${(await socket.close()).code}`, close);
}

async function exchange(
  origin: string,
  question: readonly string[],
  answer: readonly string[],
  comparison: Comparison,
): Promise<void> {
  const [method, path] = (question[0] as string).split(" ");
  const bodyAt = question.indexOf("");
  const head = bodyAt === -1 ? question.slice(1) : question.slice(1, bodyAt);
  const headers = Object.fromEntries(head.map((line) => line.split(": ") as [string, string]));
  const aborter = new AbortController();
  const response = await within(
    fetch(`${origin}${path}`, {
      method: method as string,
      headers,
      signal: aborter.signal,
      ...(bodyAt === -1 ? {} : { body: question.slice(bodyAt + 1).join("\n") }),
    }),
    "an answer",
  );
  const [status, ...shown] = answer;
  assert.equal(String(response.status), status, question[0]);
  if (headers["accept"] === "text/event-stream") {
    const lines = await firstLines(response, shown.length);
    for (const [index, line] of shown.entries()) assertEventLine(line, lines[index] as string, comparison);
    aborter.abort();
  } else if (response.headers.get("content-type") === "application/x-ndjson") {
    const lines = (await response.text()).trimEnd().split("\n");
    assert.equal(lines.length, shown.length, lines.join("\n"));
    for (const [index, line] of shown.entries()) {
      const came = lines[index] as string;
      assert.ok(comparison.matches(JSON.parse(line), JSON.parse(came)), `${line}\nis not\n${came}`);
    }
  } else {
    const text = await response.text();
    assert.ok(
      comparison.matches(JSON.parse(shown.join("")), JSON.parse(text)),
      `${shown.join("")}\nis not\n${text}`,
    );
  }
}

async function firstLines(response: Response, count: number): Promise<string[]> {
  let text = "";
  for await (const piece of response.body as ReadableStream<Uint8Array>) {
    text += new TextDecoder().decode(piece);
    if (text.split("\n").length > count) break;
  }
  return text.split("\n").slice(0, count);
}

function assertEventLine(shown: string, came: string, comparison: Comparison): void {
  const words = `${shown}\nis not\n${came}`;
  const [id, data] = ["id: ", "data: "].map((field) =>
    shown.startsWith(field) && came.startsWith(field)
      ? [shown.slice(field.length), came.slice(field.length)]
      : null,
  ) as [string[] | null, string[] | null];
  if (id !== null) {
    const [expected, actual] = id.map(parsePosition);
    assert.ok(expected !== null && expected !== undefined && actual !== null && actual !== undefined, words);
    assert.ok(
      comparison.epochMatches(expected.epoch, actual.epoch) && expected.offset === actual.offset,
      words,
    );
  } else if (data !== null)
    assert.ok(comparison.matches(...(data.map((each) => JSON.parse(each)) as [unknown, unknown])), words);
  else if (shown === ":") assert.match(came, /^:/, "a comment of whatever length");
  else assert.equal(came, shown);
}

describe("test vectors", () => {
  test("[DOC-2] the identities are those of their keys", () => {
    const rows = readTable(PAGE, "Identity from key");
    assert.ok(rows.length > 0);
    for (const [key, identity] of rows) assert.equal(identityFromKey(key as string), identity);
  });

  test("[DOC-2] room names are taken and written in addresses as they stand there", () => {
    const rows = readTable(PAGE, "Names of rooms");
    assert.ok(rows.length > 0);
    for (const [written, meaning] of rows as [string, string][]) {
      const [, json, times] = /^(".*")(?:\*(\d+))?$/.exec(written) as unknown as [string, string, string?];
      const name = (JSON.parse(json) as string).repeat(Number(times ?? 1));
      assert.equal(roomNameFault(name) === null, meaning.startsWith("a name"), written);
      const segment = /in an address `(.*)`$/.exec(meaning)?.[1];
      if (segment === undefined) continue;
      assert.equal(encodeURIComponent(name), segment);
      assert.deepEqual(parseTarget(`/rooms/${segment}`, "/")?.address, { kind: "room", room: name });
    }
  });

  test("[DOC-2] offsets and positions are read as they stand there", () => {
    for (const [text, meaning] of readTable(PAGE, "Offsets in an address or a header") as [
      string,
      string,
    ][]) {
      assert.equal(String(parseOffset(text) ?? "refused"), meaning, text);
    }
    for (const [text, meaning] of readTable(PAGE, "Positions") as [string, string][]) {
      const position = parsePosition(text);
      const words = position === null ? "refused" : `epoch \`${position.epoch}\`, offset ${position.offset}`;
      assert.equal(words, meaning, text);
    }
  });
});
