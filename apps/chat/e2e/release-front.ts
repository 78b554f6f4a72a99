import { readFile } from "node:fs/promises";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { extname, join } from "node:path";
import type { StageFront } from "./stage.ts";

/** The hash in the name of a file of a release. */
const HASH = /-([0-9A-Z]{8})(?=\.(?:js|css|svg|png)\b)/g;

/** Of the files of a built page. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webmanifest": "application/manifest+json",
};
interface Deployed {
  readonly folder: string;
  readonly headers: Readonly<Record<string, string>>;
}
const PAGE = /^\/(r\/[^/]+)?(\?.*)?$/;
const FILE = /^\/(assets\/[\w.-]+|service-worker\.js|manifest\.webmanifest)$/;

/**
 * Stands before a server as the network does, and as the release of the page that is on it: a second one has
 * the same files under other names, and none of the first; another may be built from other sources, and is served
 * whether the server lives or not. It can be cut off.
 */
export class ReleaseFront implements StageFront {
  isSecond = false;
  #isCut = false;
  #deployed: Deployed | null = null;
  readonly #serverPort: number;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((asked, answer) => this.#answer(asked, answer));

  private constructor(serverPort: number) {
    this.#serverPort = serverPort;
    this.#server.on("connection", (socket) => {
      if (this.#isCut) socket.destroy();
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("upgrade", (asked: IncomingMessage, socket: Socket, head: Buffer) => {
      const up = connect(this.#serverPort, "127.0.0.1", () => {
        const lines = [`GET ${asked.url ?? ""} HTTP/1.1`];
        for (let i = 0; i < asked.rawHeaders.length; i += 2)
          lines.push(`${asked.rawHeaders[i] ?? ""}: ${asked.rawHeaders[i + 1] ?? ""}`);
        up.write(`${lines.join("\r\n")}\r\n\r\n`);
        up.write(head);
        up.pipe(socket).pipe(up);
      });
      up.on("error", () => socket.destroy());
      socket.on("error", () => up.destroy());
    });
  }

  static async listen(serverPort: number): Promise<ReleaseFront> {
    const front = new ReleaseFront(serverPort);
    await new Promise<void>((resolve) => front.#server.listen(0, "127.0.0.1", resolve));
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** From now on the page is what was built into that folder, and nothing is there of the release before. */
  async deploy(folder: string): Promise<void> {
    const { headers } = await fetch(new URL("/", this.url));
    const policy = headers.get("content-security-policy") ?? "";
    this.#deployed = { folder, headers: { "content-security-policy": policy, "cache-control": "no-cache" } };
  }

  /** The server's own page is there again. */
  withdraw(): void {
    this.#deployed = null;
  }

  /** No page reaches the server any more, and those that did are cut off. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answerDeployed({ folder, headers }: Deployed, path: string, answer: ServerResponse): Promise<void> {
    const isPage = PAGE.test(path);
    const bytes = await readFile(join(folder, isPage ? "index.html" : path)).catch(() => null);
    if (bytes === null) return void answer.writeHead(404).end();
    const type = isPage ? "text/html; charset=utf-8" : MEDIA_TYPES[extname(path)];
    answer.writeHead(200, { ...headers, "content-type": type });
    answer.end(isPage ? bytes.toString().replaceAll("%BASE%", "/") : bytes);
  }

  #answer(asked: IncomingMessage, answer: ServerResponse): void {
    const path = asked.url ?? "";
    if (this.#deployed !== null && asked.method === "GET" && (PAGE.test(path) || FILE.test(path)))
      return void this.#answerDeployed(this.#deployed, path, answer);
    const isNamedOtherwise = path.startsWith("/assets/") && path.includes("-2ND") !== this.isSecond;
    if (isNamedOtherwise) return void answer.writeHead(404).end();
    const headers = { ...asked.headers, "accept-encoding": "identity", "if-none-match": undefined };
    const options = {
      port: this.#serverPort,
      path: firstNames(path),
      method: asked.method,
      headers: clean(headers),
    };
    const up = request(options, (from) => {
      const isPage = /^text\/|javascript/.test(from.headers["content-type"] ?? "");
      if (!this.isSecond || !isPage || path.startsWith("/rooms") || path.startsWith("/connect")) {
        answer.writeHead(from.statusCode ?? 502, from.headers);
        return void from.pipe(answer);
      }
      const chunks: Buffer[] = [];
      from.on("data", (chunk: Buffer) => chunks.push(chunk));
      from.on("end", () => {
        const text = Buffer.concat(chunks)
          .toString()
          .replace(HASH, (_, hash: string) => `-2ND${hash.slice(3)}${hash.slice(0, 3)}`);
        const named = text.replace(/name:"[0-9a-f]{12}"/, 'name:"second"');
        const { etag: _etag, ...others } = from.headers;
        answer.writeHead(from.statusCode ?? 502, { ...others, "content-length": Buffer.byteLength(named) });
        answer.end(named);
      });
    });
    up.on("error", () => answer.destroy());
    answer.on("close", () => up.destroy());
    asked.pipe(up);
  }
}

/** Back from the second release's names. */
function firstNames(path: string): string {
  return path.replace(/-2ND([0-9A-Z]{5})([0-9A-Z]{3})(?=\.)/g, "-$2$1");
}

function clean<Value>(headers: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Record<
    string,
    Value
  >;
}
