import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SqliteLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import { Server as SocketIoServer } from "socket.io";
import { WebSocketServer } from "ws";

/** A server with one page, which sends a message to whoever connects. */
export interface Greeter extends AsyncDisposable {
  readonly port: number;
}

export type GreeterName = "parlor" | "ws" | "socket.io";

export interface GreeterOptions {
  /** Name of the page's script, without its ending. */
  readonly page: string;
  readonly scripts: ReadonlyMap<string, Uint8Array>;
  /** Where a server that stores puts what it stores. */
  readonly folder: string;
}

export async function startGreeter(name: GreeterName, options: GreeterOptions): Promise<Greeter> {
  const server = pageServer(options);
  const stop = await GREETERS[name](server, options);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await stop();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Makes a server greet; answers how to stop it. */
type Greet = (server: Server, options: GreeterOptions) => Promise<() => Promise<void>>;

const GREETERS: Readonly<Record<GreeterName, Greet>> = {
  async parlor(server, { folder }) {
    const log = await SqliteLog.open({ folder });
    const parlor = new Parlor({ log, connectionsPerAddress: Infinity });
    await parlor.room("bench").publish("hello");
    parlor.attach(server);
    return async () => {
      await parlor.close();
      await log.close();
    };
  },
  ws(server) {
    const sockets = new WebSocketServer({ server, path: "/socket", perMessageDeflate: false });
    sockets.on("connection", (socket) => {
      socket.on("error", () => socket.terminate());
      socket.send(JSON.stringify("hello"));
    });
    return Promise.resolve(async () => {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
    });
  },
  "socket.io"(server) {
    const io = new SocketIoServer(server);
    io.on("connection", (socket) => socket.emit("message", "hello"));
    return Promise.resolve(() => io.close());
  },
};

function pageServer({ page, scripts }: GreeterOptions): Server {
  return createServer((request, response) => {
    const script = scripts.get((request.url ?? "").slice(1));
    if (request.url === "/") {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(`<!doctype html><title>Bench</title><script type="module" src="/${page}.js"></script>`);
    } else if (script !== undefined) {
      // Somebody who comes back has it already.
      response.setHeader("content-type", "text/javascript");
      response.setHeader("cache-control", "max-age=3600");
      response.end(script);
    } else if (!(request.url ?? "").startsWith("/socket.io/")) {
      response.writeHead(404).end();
    }
  });
}
