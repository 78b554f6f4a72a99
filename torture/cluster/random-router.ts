import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { Random } from "@parlor/base";
import { randomItem } from "@parlor/testkit";

/** One address before several nodes: each connection goes to any of them, and ends where that one is not there. */
export class RandomRouter implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(ports: () => readonly number[], random: Random): Promise<RandomRouter> {
    const server = createServer({ allowHalfOpen: true });
    const router = new RandomRouter(server);
    server.on("connection", (client: Socket) => router.#pair(client, randomItem(random, ports())));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    return router;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #pair(client: Socket, port: number): void {
    const node = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    for (const [one, other] of [
      [client, node],
      [node, client],
    ] as const) {
      this.#sockets.add(one);
      one.setNoDelay();
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
