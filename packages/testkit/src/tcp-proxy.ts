import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export type Direction = "to-server" | "to-client";

/** How bytes travel in one direction. */
interface Road {
  isPaused: boolean;
  delayMs: number;
  bytesPerSecond: number;
}

/** Bytes on their way in one direction above which the proxy stops taking more, as a network would. */
const MAX_QUEUED_BYTES = 1_048_576;
/** How many pieces a second a throttled stream is cut into. */
const PIECES_PER_SECOND = 50;

/**
 * A network on loopback that a test can break: it stands between clients and one server, and cuts,
 * stops, delays or throttles what goes through it. What it is told counts for all its connections, those
 * that are there and those that come.
 */
export class TcpProxy {
  readonly #server: Server;
  readonly #roads: Readonly<Record<Direction, Road>> = {
    "to-server": { isPaused: false, delayMs: 0, bytesPerSecond: Infinity },
    "to-client": { isPaused: false, delayMs: 0, bytesPerSecond: Infinity },
  };
  readonly #lines = new Set<Line>();
  #targetPort: number;
  #isRefusing = false;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    server.on("connection", (client: Socket) => this.#accept(client));
  }

  /** A proxy on a free port of 127.0.0.1 to a port there. */
  static async listen(targetPort: number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true });
    const proxy = new TcpProxy(server, targetPort);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connectionCount(): number {
    return this.#lines.size;
  }

  /** Where connections go that come from now on. */
  set targetPort(port: number) {
    this.#targetPort = port;
  }

  /** Resets every connection, on both sides. */
  cutAll(): void {
    for (const line of this.#lines) line.reset();
  }

  /** Resets each connection that comes, until told otherwise: the server can't be reached. */
  refuse(isRefusing = true): void {
    this.#isRefusing = isRefusing;
  }

  /**
   * Lets nothing through any more; both sockets stay open, and neither side is told: half-open. Bytes
   * that come meanwhile wait, in the proxy and then at their sender.
   */
  pause(direction: Direction | "both" = "both"): void {
    this.#change(direction, (road) => (road.isPaused = true));
  }

  resume(direction: Direction | "both" = "both"): void {
    this.#change(direction, (road) => (road.isPaused = false));
  }

  /** Every byte takes so long; 0 ends it. */
  delay(delayMs: number, direction: Direction | "both" = "both"): void {
    this.#change(direction, (road) => (road.delayMs = delayMs));
  }

  /** So many bytes a second for each connection; Infinity ends it. */
  throttle(bytesPerSecond: number, direction: Direction | "both" = "both"): void {
    this.#change(direction, (road) => (road.bytesPerSecond = bytesPerSecond));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cutAll();
    await closed;
  }

  #accept(client: Socket): void {
    if (this.#isRefusing) {
      client.on("error", () => undefined);
      client.resetAndDestroy();
      return;
    }
    const line = new Line(client, this.#targetPort, this.#roads);
    this.#lines.add(line);
    client.on("close", () => this.#lines.delete(line));
  }

  #change(direction: Direction | "both", change: (road: Road) => void): void {
    for (const each of ["to-server", "to-client"] as const) {
      if (direction === "both" || direction === each) change(this.#roads[each]);
    }
    for (const line of this.#lines) line.goOn();
  }
}

/** One connection through the proxy: a stream each way. */
class Line {
  readonly #sockets: readonly Socket[];
  readonly #streams: readonly OneWay[];

  constructor(client: Socket, targetPort: number, roads: Readonly<Record<Direction, Road>>) {
    const server = connect({ port: targetPort, host: "127.0.0.1", allowHalfOpen: true });
    this.#sockets = [client, server];
    for (const socket of this.#sockets) {
      socket.setNoDelay(true);
      // One side's end by error is the other side's too.
      socket.on("error", () => this.reset());
    }
    this.#streams = [
      new OneWay(client, server, roads["to-server"]),
      new OneWay(server, client, roads["to-client"]),
    ];
  }

  reset(): void {
    for (const stream of this.#streams) stream.stop();
    for (const socket of this.#sockets) {
      if (socket.destroyed) continue;
      // A socket that is just ending can't be reset: its handle would stay open for ever.
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  goOn(): void {
    for (const stream of this.#streams) stream.goOn();
  }
}

/** Carries bytes from one socket to another as its road allows, in order. */
class OneWay {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #road: Road;
  #queue: { readonly chunk: Buffer; readonly dueMs: number }[] = [];
  #queuedBytes = 0;
  /** Before this moment a throttled stream carries nothing. */
  #freeAtMs = 0;
  #hasEnded = false;
  #isBlocked = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: Socket, sink: Socket, road: Road) {
    this.#source = source;
    this.#sink = sink;
    this.#road = road;
    source.on("data", (chunk: Buffer) => {
      this.#queue.push({ chunk, dueMs: performance.now() + road.delayMs });
      this.#queuedBytes += chunk.length;
      if (this.#queuedBytes > MAX_QUEUED_BYTES) source.pause();
      this.goOn();
    });
    source.on("end", () => {
      this.#hasEnded = true;
      this.goOn();
    });
    sink.on("drain", () => {
      this.#isBlocked = false;
      this.goOn();
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#queue = [];
    this.#hasEnded = false;
  }

  goOn(): void {
    clearTimeout(this.#timer);
    while (!this.#road.isPaused && !this.#isBlocked && !this.#sink.destroyed) {
      const next = this.#queue[0];
      if (next === undefined) {
        if (this.#hasEnded && !this.#sink.writableEnded) this.#sink.end();
        return;
      }
      const waitMs = Math.max(next.dueMs, this.#freeAtMs) - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.goOn(), waitMs);
        return;
      }
      this.#carry(next.chunk);
    }
  }

  /** Writes the first chunk, or as much of it as the road carries at once. */
  #carry(chunk: Buffer): void {
    const { bytesPerSecond } = this.#road;
    const count = Math.max(1, Math.min(chunk.length, Math.floor(bytesPerSecond / PIECES_PER_SECOND)));
    const { dueMs } = this.#queue.shift() as { dueMs: number };
    if (count < chunk.length) this.#queue.unshift({ chunk: chunk.subarray(count), dueMs });
    this.#queuedBytes -= count;
    if (bytesPerSecond !== Infinity) this.#freeAtMs = performance.now() + (count / bytesPerSecond) * 1000;
    if (!this.#sink.write(chunk.subarray(0, count))) this.#isBlocked = true;
    if (this.#queuedBytes <= MAX_QUEUED_BYTES && this.#source.isPaused()) this.#source.resume();
  }
}
