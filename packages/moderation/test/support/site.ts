import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { MemoryLog, type RoomLog } from "@parlor/log";
import { Moderation, type ModerationOptions } from "@parlor/moderation";
import { type Files, Parlor } from "@parlor/server";

const quiet = { info() {}, warn() {}, error() {} };

export interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly retryAfterMs?: number };
}

/** A server with moderation, and people of it who speak by single requests. */
export class Site {
  readonly origin: string;
  readonly parlor: Parlor;
  readonly moderation: Moderation;
  readonly #log: RoomLog;

  private constructor(log: RoomLog, parlor: Parlor, moderation: Moderation, port: number) {
    this.#log = log;
    this.parlor = parlor;
    this.moderation = moderation;
    this.origin = `http://127.0.0.1:${port}`;
  }

  static async open(
    t: TestContext,
    options: Partial<ModerationOptions> & {
      readonly trustProxy?: readonly string[];
      readonly operatorKey?: string;
      readonly files?: Files;
    } = {},
  ): Promise<Site> {
    const { trustProxy, operatorKey, files, ...given } = options;
    const log = given.log ?? new MemoryLog();
    const moderation = await Moderation.open({ logger: quiet, ...given, log });
    const parlor = new Parlor({
      log,
      logger: quiet,
      publishPerSecond: Infinity,
      trustProxy: trustProxy ?? [],
      operatorKey,
      files,
      authorize: moderation.authorize,
      requests: moderation.requests,
    });
    moderation.serve(parlor);
    const { port } = await parlor.listen({ port: 0 });
    const site = new Site(log, parlor, moderation, port);
    t.after(async () => {
      await site.close();
      if (options.log === undefined) await log.close();
    });
    return site;
  }

  #isClosed = false;

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.parlor.close();
    await this.moderation.close();
  }

  get log(): RoomLog {
    return this.#log;
  }

  person(name: string, address?: string): Person {
    return new Person(this.origin, name, address);
  }
}

/** Somebody with a key, at an address that a trusted proxy names. */
export class Person {
  readonly key: string;
  readonly #origin: string;
  readonly #headers: Record<string, string>;

  constructor(origin: string, name: string, address?: string) {
    this.#origin = origin;
    this.key = `key-of-${name}`.padEnd(24, "_");
    this.#headers = address === undefined ? {} : { "x-forwarded-for": address };
  }

  async identity(): Promise<string> {
    const { identity } = (await this.#send([]))[0] as { identity: string };
    return identity;
  }

  async ask(method: string, params: unknown): Promise<Answer> {
    return (await this.#send([{ type: "request", id: 1, method, params }])).at(-1) as Answer;
  }

  async told<Result>(method: string, params: unknown): Promise<Result> {
    const answer = await this.ask(method, params);
    assert.equal(answer.error, undefined, answer.error?.message);
    return answer.result as Result;
  }

  async refused(method: string, params: unknown): Promise<string> {
    const answer = await this.ask(method, params);
    assert.notEqual(answer.error, undefined, `${method} was not refused: ${JSON.stringify(answer.result)}`);
    return answer.error?.code ?? "";
  }

  act(
    room: string,
    act: object,
    id = randomAct(),
  ): Promise<{ offset: number; entry: number | null; link?: { token: string; id: string } }> {
    return this.told("moderation.act", { room, id, act });
  }

  refusedAct(room: string, act: object): Promise<string> {
    return this.refused("moderation.act", { room, id: randomAct(), act });
  }

  /** Null where it is stored, or the refusal. */
  async publish(room: string, body: unknown): Promise<{ code: string; message: string } | null> {
    const response = await fetch(`${this.#origin}/rooms/${encodeURIComponent(room)}/messages`, {
      method: "POST",
      headers: { ...this.#headers, authorization: `Bearer ${this.key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { error?: { code: string; message: string } };
    return answer.error ?? null;
  }

  /** A file in one piece, which no message holds yet. */
  async upload(room: string, content: string): Promise<{ readonly upload: string; readonly hash: string }> {
    const begun = await this.#files(room, "files", "POST", JSON.stringify({ size: content.length }), {
      "content-type": "application/json",
    });
    const { upload } = (await begun.json()) as { upload: string };
    const ended = await this.#files(room, `uploads/${upload}`, "PATCH", content, {
      "content-type": "application/partial-upload",
      "upload-offset": "0",
    });
    const { file } = (await ended.json()) as { file: { hash: string } };
    return { upload, hash: file.hash };
  }

  async giveUp(room: string, upload: string): Promise<void> {
    const answer = await this.#files(room, `uploads/${upload}`, "DELETE", null, {});
    assert.equal(answer.status, 204);
  }

  #files(
    room: string,
    path: string,
    method: string,
    body: string | null,
    headers: Readonly<Record<string, string>>,
  ): Promise<Response> {
    return fetch(`${this.#origin}/rooms/${encodeURIComponent(room)}/${path}`, {
      method,
      headers: { ...this.#headers, authorization: `Bearer ${this.key}`, ...headers },
      body,
    });
  }

  async read(room: string): Promise<Read> {
    const response = await fetch(`${this.#origin}/rooms/${encodeURIComponent(room)}/messages`, {
      headers: { ...this.#headers, authorization: `Bearer ${this.key}` },
    });
    return (await response.json()) as Read;
  }

  async #send(frames: readonly object[]): Promise<unknown[]> {
    const hello = { type: "hello", version: 1, key: this.key, producer: "producer-1" };
    const response = await fetch(`${this.#origin}/connect/send`, {
      method: "POST",
      headers: { ...this.#headers, "content-type": "application/x-ndjson" },
      body: [hello, ...frames].map((frame) => JSON.stringify(frame)).join("\n"),
    });
    const lines = (await response.text()).trim().split("\n");
    return lines.map((line) => JSON.parse(line) as unknown);
  }
}

export interface Read {
  readonly messages?: readonly {
    offset: number;
    from: string;
    re?: number;
    body: unknown;
    redacted?: boolean;
  }[];
  readonly error?: { readonly code: string; readonly message: string };
}

let acts = 0;

export function randomAct(): string {
  acts += 1;
  return `act-of-test-${acts}`;
}
