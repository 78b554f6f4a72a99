import {
  createServer,
  request as requestFrom,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/**
 * A balancer as blind as they come: every request and every upgrade goes to the next of its servers,
 * whatever connection it came on and whether that server is alive. It looks at nothing, keeps nothing and
 * tries nothing twice; where a server can't be reached it answers 502.
 */
export class AlternatingBalancer {
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();
  readonly #turns: number[];
  #ports: readonly number[];
  #next = 0;

  private constructor(ports: readonly number[]) {
    this.#ports = ports;
    this.#turns = ports.map(() => 0);
    // It has no timeouts of its own: those that count are the servers'.
    this.#server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 });
    this.#server.on("connection", (socket) => this.#hold(socket));
    this.#server.on("request", (request, response) => this.#pass(request, response));
    this.#server.on("upgrade", (request, socket, head: Buffer) => this.#passUpgrade(request, socket, head));
  }

  /** A balancer on a free port of 127.0.0.1 before servers on ports there. */
  static async listen(ports: readonly number[]): Promise<AlternatingBalancer> {
    const balancer = new AlternatingBalancer(ports);
    await new Promise<void>((resolve, reject) => {
      balancer.#server.once("error", reject);
      balancer.#server.listen(0, "127.0.0.1", resolve);
    });
    return balancer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many requests and upgrades went to each of the servers. */
  get turns(): readonly number[] {
    return this.#turns;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #takeTurn(): number {
    const index = this.#next % this.#ports.length;
    this.#next += 1;
    this.#turns[index] = (this.#turns[index] ?? 0) + 1;
    return this.#ports[index] as number;
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const { method, url: path, rawHeaders } = request;
    const onward = requestFrom({
      host: "127.0.0.1",
      port: this.#takeTurn(),
      method,
      path,
      // As they came, in their order; and a connection of its own for each, so that none is sticky.
      headers: rawHeaders,
      agent: false,
    });
    onward.on("socket", (socket) => this.#hold(socket));
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
      response.flushHeaders();
      answer.pipe(response);
      answer.on("error", () => response.destroy());
    });
    onward.on("error", () => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502, { connection: "close" }).end("no such server");
    });
    request.on("error", () => onward.destroy());
    response.on("close", () => {
      if (!response.writableFinished) onward.destroy();
    });
    // Its head may be all that comes for a while, and enough to be answered.
    onward.flushHeaders();
    request.pipe(onward);
  }

  #passUpgrade(request: IncomingMessage, client: Duplex, head: Buffer): void {
    const server = connect(this.#takeTurn(), "127.0.0.1");
    server.setNoDelay(true);
    this.#hold(server);
    server.on("connect", () => {
      server.write(headOf(request));
      server.write(head);
      client.pipe(server);
      server.pipe(client);
    });
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    server.on("error", () => {
      if (server.bytesRead > 0) cut();
      else client.end("HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    });
    client.on("error", cut);
    client.on("close", cut);
    server.on("close", () => client.end());
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // Whose connection it was hears of it on the other one.
    socket.on("error", () => socket.destroy());
  }
}

function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) head += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  return `${head}\r\n`;
}
