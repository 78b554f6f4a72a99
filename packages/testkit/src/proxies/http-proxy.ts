import {
  createServer,
  request as requestUpstream,
  type ClientRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { pipeline, type Duplex } from "node:stream";
import type { ProxiedRequest, ProxyFault } from "./proxy-fault.ts";

/** A reverse proxy of HTTP on loopback that does with requests and upgrades what its faults say. */
export class HttpProxy {
  readonly #server: Server;
  readonly #upstreamPort: number;
  readonly #fault: ProxyFault;
  readonly #sockets = new Set<Socket>();

  private constructor(upstreamPort: number, fault: ProxyFault) {
    this.#upstreamPort = upstreamPort;
    this.#fault = fault;
    // No time limits of its own: those that a test wants are its faults.
    this.#server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 60_000 });
    this.#server.on("connection", (client: Socket) => this.#accept(client));
    this.#server.on("request", (request, response) => this.#pass(request, response));
    this.#server.on("upgrade", (request, client, head) => this.#passUpgrade(request, client, head));
  }

  /** A proxy on a free port of 127.0.0.1 to a port there. */
  static async listen(upstreamPort: number, fault: ProxyFault): Promise<HttpProxy> {
    const proxy = new HttpProxy(upstreamPort, fault);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject);
      proxy.#server.listen(0, "127.0.0.1", resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(client: Socket): void {
    this.#keep(client);
    this.#fault.connection?.(client);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    // An error is an end like another one: whoever is joined to this socket learns of it by `close`.
    socket.on("error", () => undefined);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const proxied: ProxiedRequest = {
      request,
      response,
      open: () => this.#open(request),
      answerWith: (upstream) => this.#answerWith(upstream, response),
    };
    if (this.#fault.treatRequest?.(proxied) === "taken") return;
    const upstream = proxied.open();
    proxied.answerWith(upstream);
    pipeline(request, upstream, () => undefined);
  }

  /** A request upstream with the same head; its body is the caller's to give. */
  #open(request: IncomingMessage): ClientRequest {
    const upstream = requestUpstream({
      port: this.#upstreamPort,
      host: "127.0.0.1",
      method: request.method,
      path: request.url,
      headers: request.rawHeaders,
      setHost: false,
      agent: false,
    });
    upstream.on("socket", (socket) => this.#keep(socket));
    return upstream;
  }

  #answerWith(upstream: ClientRequest, response: ServerResponse): void {
    upstream.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
      const body = this.#fault.body?.(answer);
      if (body === undefined) response.flushHeaders();
      // Either side's end is the other's too; pipeline closes both.
      if (body === undefined) pipeline(answer, response, () => undefined);
      else pipeline(answer, body, response, () => undefined);
    });
    upstream.on("error", () => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502, { "content-type": "text/plain" }).end("No server answers.\n");
    });
    response.on("close", () => upstream.destroy());
  }

  /** Hands the request over, and from then on carries bytes without reading them. */
  #passUpgrade(request: IncomingMessage, client: Duplex, head: Buffer): void {
    const { treatUpgrade, join = joinFully } = this.#fault;
    const treated = treatUpgrade?.(client);
    if (treated === "answered") return;
    const server = connect({ port: this.#upstreamPort, host: "127.0.0.1" });
    this.#keep(server);
    const headers = headerLines(request.rawHeaders);
    const passed = treated === "pass-without" ? withoutUpgrade(headers) : headers;
    const lines = [`${request.method} ${request.url} HTTP/1.1`, ...passed];
    server.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
    if (head.length > 0) server.write(head);
    join(client, server);
  }
}

function joinFully(client: Duplex, server: Socket): void {
  client.pipe(server).on("close", () => client.destroy());
  server.pipe(client).on("close", () => server.destroy());
}

function headerLines(rawHeaders: readonly string[]): string[] {
  return rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
}

function withoutUpgrade(headers: readonly string[]): string[] {
  return [...headers.filter((line) => !/^(?:upgrade|connection):/i.test(line)), "Connection: close"];
}
