import assert from "node:assert/strict";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";

/** What a room's history says, as far as these tests look. */
export interface RoomHistory {
  readonly earliest: number;
  readonly head: number;
  readonly messages: readonly { readonly from: string; readonly body: unknown }[];
}

/** A real server with its pages, gone at the end of the test. */
export class LiveSite implements AsyncDisposable {
  readonly server: ParlorProcess;
  readonly #folder: ReturnType<typeof temporaryFolder>;
  /** Its address, with the base path. */
  base = "";

  private constructor(args: readonly string[]) {
    this.#folder = temporaryFolder();
    this.server = new ParlorProcess({ args: ["--port", "0", "--data", this.#folder.path, ...args] });
  }

  static async start(args: readonly string[] = []): Promise<LiveSite> {
    const site = new LiveSite(args);
    site.base = await site.server.url;
    return site;
  }

  get origin(): string {
    return new URL(this.base).origin;
  }

  /** The address of a room's page without a script. */
  live(room: string, query = ""): string {
    return `${this.base}r/${encodeURIComponent(room)}/live.html${query}`;
  }

  async publish(room: string, body: unknown): Promise<{ readonly epoch: string; readonly offset: number }> {
    const response = await fetch(this.#messages(room), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 201);
    return (await response.json()) as { readonly epoch: string; readonly offset: number };
  }

  async history(room: string): Promise<RoomHistory> {
    return (await (await fetch(`${this.#messages(room)}?limit=500`)).json()) as RoomHistory;
  }

  #messages(room: string): string {
    return `${this.base}rooms/${encodeURIComponent(room)}/messages`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}
