import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { goodRoad, OneWay, type Hold, type Road } from "./tcp-road.ts";

export type Direction = "to-server" | "to-client";

/**
 * A network on loopback that a test can break: it stands between clients and one server, and cuts,
 * stops, delays, throttles, splits or coalesces what goes through it. What it is told counts for all its
 * connections, those that are there and those that come. Every byte that it delivers it delivers once and
 * in order.
 */
export class TcpProxy {
  readonly #server: Server;
  readonly #roads: Readonly<Record<Direction, Road>> = {
    "to-server": goodRoad(),
    "to-client": goodRoad(),
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

  /**
   * Makes one write of several, as a sender's Nagle or a receiver's slow wake-up does: bytes are held back
   * until there are `untilBytes` of them, or the first has waited for `holdMs`, and then leave at once. What
   * its sender ends with leaves with the end. Null ends it.
   */
  coalesce(hold: Hold | null, direction: Direction | "both" = "both"): void {
    if (hold !== null && !(hold.holdMs >= 0 && hold.holdMs < Infinity))
      throw new RangeError("bytes can be held for 0 ms and more, and not for ever: pause does that");
    this.#change(direction, (road) => (road.hold = hold));
  }

  /**
   * Delivers everything in pieces of so many bytes, each a write of its own with a turn of the event loop
   * before the next, so that a receiver reads them one by one: a server of the same process nearly always,
   * one of another process mostly. With a function the size of each piece is asked for, so that a seed can
   * choose it; at least 1 is taken. Infinity ends it.
   */
  split(pieceBytes: number | (() => number), direction: Direction | "both" = "both"): void {
    const next = typeof pieceBytes === "number" ? () => pieceBytes : pieceBytes;
    this.#change(direction, (road) => (road.nextPieceBytes = pieceBytes === Infinity ? null : next));
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
