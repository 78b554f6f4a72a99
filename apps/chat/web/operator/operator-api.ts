import type { RoomsPage, RoomDetails, ShownMessage } from "../../server/operator/operator-rooms.ts";
import type { StoredAct } from "../../server/operator/operator-acts.ts";
import type { ModerationSeen } from "../../server/operator/moderation-seen.ts";
import type { Job } from "../../server/operator/operator-jobs.ts";
import type { Person } from "../../server/operator/operator-walks.ts";
import type { ProcessFigures } from "@parlor/server";

export type { Job, ModerationSeen, Person, ProcessFigures, RoomDetails, RoomsPage, ShownMessage, StoredAct };

/** What is found of one identity, as it is found. */
export interface FoundLine {
  readonly rooms: number;
  readonly messages: number;
  readonly totalRooms: number;
  readonly totalMessages: number;
  readonly count: number;
  readonly room: string;
  readonly found: readonly ShownMessage[];
}

/** Who writes here, as they are found. */
export interface PeopleLine {
  readonly rooms: number;
  readonly messages: number;
  readonly totalRooms: number;
  readonly totalMessages: number;
  readonly people: readonly Person[];
  /** There are more than are looked through. */
  readonly isFull: boolean;
}

/** What the server refused, in its words; `status` 0 where it could not be reached. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The server's addresses below `operator/api/`, with the key that each of them needs. */
export class OperatorApi {
  readonly #base: string;
  readonly #key: string;

  constructor(basePath: string, key: string) {
    this.#base = `${basePath}operator/api/`;
    this.#key = key;
  }

  /** @throws {Refused} */
  async get<Answer>(name: string, params: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const response = await this.#ask(this.address(name, params), {});
    return (await response.json()) as Answer;
  }

  /** @throws {Refused} */
  async post<Answer>(name: string, params: object): Promise<Answer> {
    const headers = { "content-type": "application/json" };
    const response = await this.#ask(this.#base + name, {
      method: "POST",
      headers,
      body: JSON.stringify(params),
    });
    return (await response.json()) as Answer;
  }

  /**
   * Reads an answer that comes line by line.
   * @throws {Refused}
   */
  async *lines(
    name: string,
    params: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const response = await this.#ask(this.address(name, params), { signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done = true, value = "" } = (await reader?.read()) ?? {};
      const lines = (rest + value).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
      if (done) return;
    }
  }

  /** Where it is asked. */
  address(name: string, params: Readonly<Record<string, string>>): string {
    const query = new URLSearchParams(params).toString();
    return this.#base + name + (query === "" ? "" : `?${query}`);
  }

  async #ask(url: string, init: RequestInit): Promise<Response> {
    // What no key can be is not sent: a header would not take it.
    if (!/^[!-~]{1,512}$/.test(this.#key)) throw new Refused(401, "That is not this server's operator key.");
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${this.#key}`);
    let response: Response;
    try {
      response = await fetch(url, { ...init, headers, cache: "no-store", credentials: "omit" });
    } catch (fault) {
      if (init.signal?.aborted === true) throw fault;
      throw new Refused(0, "The server can't be reached just now.");
    }
    if (response.ok) return response;
    const body = (await response.json().catch(() => null)) as { error?: { message?: string } } | null;
    throw new Refused(response.status, body?.error?.message ?? `The server answered ${response.status}.`);
  }
}
