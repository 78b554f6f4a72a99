import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { MemoryLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import { type WebSocket, WebSocketServer } from "ws";
import { rawEndpoint } from "./endpoints.ts";

/** How a connection of `/held` ended, as its server saw it. */
interface Ended {
  readonly code: number;
  readonly reason: string;
  readonly texts: readonly string[];
}

/** By their path. */
export type ServedFiles = ReadonlyMap<string, { readonly type: string; readonly body: string | Uint8Array }>;

/** A browser connects to one address one socket after the other, with a pause between them. */
const PORTS = 12;
const QUIET = { info() {}, warn() {}, error() {} };

/**
 * The one server of a run: the pages, the endpoints that cases talk to, and a Parlor below `/parlor/`.
 *
 *     /echo             says back what it hears; chooses the first subprotocol that is offered
 *     /choose/NAME      chooses that subprotocol       /headers   says what the handshake brought, as JSON
 *     /close/CODE       closes with CODE and ?reason    /flood/N   says N numbered texts at once
 *     /held/ID          hears until its end, which GET /ended/ID waits for
 *     /deaf/ID          reads nothing until GET /hear/ID, then echoes lengths
 *     /raw/NAME         see endpoints.ts                /cookie    sets a cookie in the handshake
 */
export class SuiteServer implements AsyncDisposable {
  readonly #servers: readonly Server[];
  readonly #parlor: Parlor;
  readonly #log = new MemoryLog();
  readonly #files: ServedFiles;
  readonly #ended = new Map<string, PromiseWithResolvers<Ended>>();
  /** Also those that nobody reads, which would never be seen to end. */
  readonly #upgraded = new Set<Duplex>();
  readonly #deaf = new Map<string, WebSocket>();

  private constructor(files: ServedFiles, servers: readonly Server[]) {
    this.#files = files;
    this.#servers = servers;
    const sockets = new WebSocketServer({
      noServer: true,
      handleProtocols: (offered, request) => {
        const [, kind, name = ""] = pathOf(request).split("/");
        return kind === "choose" ? name : ([...offered][0] ?? false);
      },
    });
    sockets.on("headers", (headers, request) => {
      if (pathOf(request) === "/cookie") headers.push("Set-Cookie: from-handshake=yes; Path=/");
    });
    const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      this.#upgraded.add(socket);
      socket.on("close", () => this.#upgraded.delete(socket));
      // What fails is for the page to find: the server only sees that it is gone.
      socket.on("error", () => socket.destroy());
      const [, kind, name = ""] = pathOf(request).split("/");
      const raw = kind === "raw" ? rawEndpoint(name) : null;
      if (raw !== null) return raw(request, socket);
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on("error", () => webSocket.terminate());
        this.#serve(webSocket, request, kind ?? "", name);
      });
    };
    this.#parlor = new Parlor({
      log: this.#log,
      basePath: "/parlor/",
      logger: QUIET,
      publishPerSecond: Infinity,
      connectionsPerAddress: Infinity,
      origins: this.#addresses,
    });
    for (const server of servers) {
      server.on("request", (request: IncomingMessage, response: ServerResponse) =>
        this.#answer(request, response),
      );
      server.on("upgrade", upgrade);
      this.#parlor.attach(server);
    }
  }

  static async start(files: ServedFiles): Promise<SuiteServer> {
    const servers = Array.from({ length: PORTS }, () => createServer());
    await Promise.all(
      servers.map((server) => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))),
    );
    return new SuiteServer(files, servers);
  }

  /** Where its pages are; they find the other ports by `GET /ports`. */
  get url(): string {
    return `${this.#addresses[0]}/`;
  }

  get #ports(): readonly number[] {
    return this.#servers.map((server) => (server.address() as AddressInfo).port);
  }

  get #addresses(): readonly string[] {
    return this.#ports.map((port) => `http://127.0.0.1:${port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parlor.close();
    for (const socket of this.#upgraded) socket.destroy();
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await this.#log.close();
  }

  #serve(socket: WebSocket, request: IncomingMessage, kind: string, name: string): void {
    switch (kind) {
      case "headers":
        return socket.send(JSON.stringify(request.headers));
      case "close": {
        const reason = new URL(request.url ?? "", "http://suite").searchParams.get("reason") ?? "";
        return socket.close(Number(name), reason);
      }
      case "flood":
        for (let index = 0; index < Number(name); index++) socket.send(`${index}`);
        return;
      case "held": {
        const texts: string[] = [];
        socket.on("message", (data) => texts.push((data as Buffer).toString()));
        socket.on("close", (code, reason) =>
          this.#end(name).resolve({ code, reason: String(reason), texts }),
        );
        return;
      }
      case "deaf":
        socket.pause();
        this.#deaf.set(name, socket);
        socket.on("message", (data) => socket.send(`${(data as Buffer).length}`));
        return;
      default:
        socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
    }
  }

  #end(id: string): PromiseWithResolvers<Ended> {
    let end = this.#ended.get(id);
    if (end === undefined) this.#ended.set(id, (end = Promise.withResolvers<Ended>()));
    return end;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request);
    const [, kind, name = ""] = path.split("/");
    const file = this.#files.get(path);
    if (file !== undefined) {
      response.writeHead(200, { "content-type": file.type, "set-cookie": "from-page=yes; Path=/; HttpOnly" });
      response.end(file.body);
    } else if (kind === "ended") {
      void this.#end(name).promise.then((ended) => response.end(JSON.stringify(ended)));
    } else if (kind === "hear") {
      this.#deaf.get(name)?.resume();
      response.end();
    } else if (kind === "ports") response.end(JSON.stringify(this.#ports));
    else response.writeHead(404).end();
  }
}

function pathOf(request: IncomingMessage): string {
  return new URL(request.url ?? "", "http://suite").pathname;
}
