import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { MemoryLog } from "@parlor/log";
import { Files, Parlor, type FilesOptions, type ParlorOptions } from "@parlor/server";
import { AlternatingBalancer } from "@parlor/testkit";
import { FileCollector } from "../../src/files/file-collector.ts";
import { FileDesk } from "../../src/files/file-desk.ts";
import { systemClock, type Clock } from "@parlor/base";
import { temporaryFolder } from "./sqlite-folder.ts";

export interface FileSite {
  readonly url: string;
  readonly port: number;
  /** Of one of the two servers, past the balancer. */
  readonly ownPort: number;
  readonly log: MemoryLog;
  readonly folder: string;
  /** One of the two servers. */
  readonly parlor: Parlor;
  /** Looks for what nobody holds, as a server does from time to time. */
  readonly collect: () => Promise<number>;
  /** Names of what lies in the folder: `blobs/ab/…` and `parts/…`. */
  readonly stored: () => Promise<readonly string[]>;
}

const quiet = { info() {}, warn() {}, error() {} };

/**
 * Two servers over one log and one folder of files, each with a ledger of its own as two processes have, behind a
 * balancer that sends every request to the other one.
 */
export async function startFileSite(
  t: TestContext,
  options: Partial<ParlorOptions> = {},
  filesOptions: Partial<FilesOptions> = {},
  clock: Clock = systemClock,
): Promise<FileSite> {
  const folder = await temporaryFolder(t);
  const log = new MemoryLog();
  const open = (): Promise<Files> => Files.open({ folder, collects: false, ...filesOptions });
  const files = [await open(), await open()] as const;
  const parlors = files.map(
    (each) => new Parlor({ log, publishPerSecond: Infinity, logger: quiet, ...options, clock, files: each }),
  );
  const ports = [];
  for (const parlor of parlors) ports.push((await parlor.listen({ port: 0 })).port);
  const balancer = await AlternatingBalancer.listen(ports);
  let collected = 0;
  const [own] = files;
  const desk = new FileDesk(own.store, own.ledger, own.limits, clock);
  const onFault = (): void => undefined;
  const collector = new FileCollector(own, desk, log, clock, {
    onCollected: (n) => (collected += n),
    onFault,
  });
  t.after(async () => {
    collector.close();
    await balancer[Symbol.asyncDispose]();
    for (const parlor of parlors) await parlor.close();
    for (const each of files) await each.close();
    await log.close();
  });
  return {
    url: `http://127.0.0.1:${balancer.port}/`,
    port: balancer.port,
    ownPort: ports[0] as number,
    log,
    folder,
    parlor: parlors[0] as Parlor,
    collect: async () => {
      const before = collected;
      await collector.collect();
      return collected - before;
    },
    stored: async () => {
      const names = await readdir(folder, { recursive: true, withFileTypes: true });
      return names
        .filter((each) => each.isFile() && !each.name.startsWith("ledger.db"))
        .map((each) => join(each.parentPath, each.name).slice(folder.length + 1))
        .sort();
    },
  };
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Where a blob of these bytes lies in the folder. */
export function blobPath(bytes: Uint8Array | string): string {
  const hash = sha256(bytes);
  return `blobs/${hash.slice(0, 2)}/${hash}`;
}

/** The beginning of a PNG of that size, with a tail that tells it from others; no decoder would show it. */
export function pngLike(width: number, height: number, tail = ""): Buffer {
  const head = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
  const size = Buffer.alloc(17);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  size.writeUInt8(8, 8);
  size.writeUInt8(6, 9);
  return Buffer.concat([head, size, Buffer.from(tail)]);
}

/** What a person with a key does with files, by plain requests. */
export class Uploader {
  readonly #url: string;
  readonly #headers: Record<string, string>;

  constructor(url: string, key: string | null = null) {
    this.#url = url;
    this.#headers = key === null ? {} : { authorization: `Bearer ${key}` };
  }

  begin(room: string, size: number, more: Record<string, unknown> = {}): Promise<Response> {
    return fetch(`${this.#url}rooms/${encodeURIComponent(room)}/files`, {
      method: "POST",
      headers: { ...this.#headers, "content-type": "application/json" },
      body: JSON.stringify({ size, ...more }),
    });
  }

  async begun(room: string, size: number): Promise<string> {
    const response = await this.begin(room, size);
    const { upload } = (await response.json()) as { upload: string };
    return upload;
  }

  add(room: string, upload: string, at: number, bytes: Uint8Array): Promise<Response> {
    return fetch(`${this.#url}rooms/${room}/uploads/${upload}`, {
      method: "PATCH",
      headers: { "content-type": "application/partial-upload", "upload-offset": String(at) },
      body: bytes as BodyInit,
    });
  }

  progress(room: string, upload: string): Promise<Response> {
    return fetch(`${this.#url}rooms/${room}/uploads/${upload}`, { method: "HEAD" });
  }

  cancel(room: string, upload: string): Promise<Response> {
    return fetch(`${this.#url}rooms/${room}/uploads/${upload}`, { method: "DELETE" });
  }

  /** The file that these bytes became. */
  async upload(room: string, content: Uint8Array | string): Promise<TakenFile> {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const response = await this.add(room, await this.begun(room, bytes.length), 0, bytes);
    const { file } = (await response.json()) as { file: TakenFile };
    return file;
  }

  get(room: string, hash: string, headers: Record<string, string> = {}, query = ""): Promise<Response> {
    return fetch(`${this.#url}rooms/${encodeURIComponent(room)}/files/${hash}${query}`, {
      headers: { ...this.#headers, ...headers },
    });
  }

  say(room: string, body: unknown): Promise<Response> {
    return fetch(`${this.#url}rooms/${encodeURIComponent(room)}/messages`, {
      method: "POST",
      headers: { ...this.#headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }
}

export interface TakenFile {
  readonly hash: string;
  readonly type: string;
  readonly size: number;
  readonly width?: number;
  readonly height?: number;
}
