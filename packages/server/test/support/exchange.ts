import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Message, ServerFrame, ServerFrameType } from "@parlor/protocol";
import { Arrivals } from "./arrivals.ts";
import { freshKey } from "./peer.ts";
import { within } from "./within.ts";

type FrameOf<Type extends ServerFrameType> = Extract<ServerFrame, { type: Type }>;

export const NDJSON = { "content-type": "application/x-ndjson" };

/** A hello of somebody new. */
export function helloFrame(members: object = {}): object {
  return { type: "hello", version: 1, key: freshKey(), producer: "producer-1", ...members };
}

export function publishFrame(room: string, seq: number, body: unknown = seq): object {
  return { type: "publish", room, seq, body };
}

/** Frames as a body; a text stands as it is. */
export function frameBody(frames: readonly (object | string)[]): string {
  return frames.map((frame) => (typeof frame === "string" ? frame : JSON.stringify(frame))).join("\n");
}

/** Posts frames to an address below `/connect`. */
export function postFrames(
  url: string,
  frames: readonly (object | string)[],
  init: RequestInit = {},
): Promise<Response> {
  return within(
    fetch(url, { method: "POST", headers: NDJSON, body: frameBody(frames), ...init }),
    `an answer of ${url}`,
    10_000,
  );
}

/** The frames of an answer that is one a line. */
export async function answerFrames(response: Response): Promise<ServerFrame[]> {
  const text = await within(response.text(), "the end of an answer", 10_000);
  assert.equal(response.status, 200, text);
  assert.match(text, /^(\{[^\n]*\}\n)*$/);
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as ServerFrame);
}

/** One whole request with frames, its welcome checked and left out. */
export async function exchange(
  origin: string,
  path: string,
  ...frames: (object | string)[]
): Promise<ServerFrame[]> {
  const [welcome, ...rest] = await answerFrames(await postFrames(`${origin}/connect/${path}`, frames));
  assert.equal(welcome?.type, "welcome");
  return rest;
}

/** What an answer says of its question, in a form that can be compared. */
export function named(frame: ServerFrame): string {
  const { type, room, seq, id, code } = frame as Partial<Record<string, string | number>>;
  return [type, room, seq ?? id, code].filter((part) => part !== undefined).join(" ");
}

export function typesOf(frames: readonly ServerFrame[]): string[] {
  return frames.map((frame) => frame.type);
}

/** The messages of all rooms in frames, in the order in which they came. */
export function messagesIn(frames: readonly ServerFrame[]): Message[] {
  return frames.flatMap((frame) => (frame.type === "messages" ? frame.messages : []));
}

/** Reads `/connect/stream` as its bytes come. */
export class StreamReader {
  readonly response: Response;
  readonly frames = new Arrivals<ServerFrame>("a frame of the stream");
  /** Comments, without their colon. */
  readonly comments = new Arrivals<string>("a comment of the stream");
  /** Fulfils when the server has ended it; rejects where it was cut. */
  readonly ended: Promise<void>;
  readonly #abort: AbortController;

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    this.ended = this.#read();
    // Who waits for the end sees the fault; to everybody else it is an end.
    this.ended.catch(() => {});
  }

  /** Opens one that ends with the test. */
  static async open(
    t: TestContext,
    origin: string,
    frames: readonly (object | string)[],
    headers: Record<string, string> = {},
    query = "",
  ): Promise<StreamReader> {
    const abort = new AbortController();
    t.after(() => abort.abort());
    const init = { headers: { ...NDJSON, ...headers }, signal: abort.signal };
    const response = await postFrames(`${origin}/connect/stream${query}`, frames, init);
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
    return new StreamReader(response, abort);
  }

  /** The next frame, which must be of that type. */
  async next<Type extends ServerFrameType>(type: Type): Promise<FrameOf<Type>> {
    const frame = await this.frames.next();
    assert.equal(frame.type, type, `a ${type} was expected, and this came: ${JSON.stringify(frame)}`);
    return frame as FrameOf<Type>;
  }

  cut(): void {
    this.#abort.abort();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    try {
      for await (const chunk of this.response.body ?? []) {
        text += decoder.decode(chunk as Uint8Array, { stream: true });
        const events = text.split("\n\n");
        text = events.pop() as string;
        for (const event of events) this.#take(event);
      }
    } finally {
      this.frames.end("the stream ended");
      this.comments.end("the stream ended");
    }
    assert.equal(text, "", "the last event is whole");
  }

  #take(event: string): void {
    if (event.startsWith(":")) this.comments.add(event.slice(1));
    else {
      assert.ok(event.startsWith("data: ") && !event.includes("\n"), event);
      this.frames.add(JSON.parse(event.slice("data: ".length)) as ServerFrame);
    }
  }
}
