import { blocksUpgrades, buffersResponses, startProxy, TcpProxy, type ProxyFault } from "@parlor/testkit";
import type { TransportKind } from "../src/index.ts";

/** What lets through a transport and none that is better. */
const FAULTS: Readonly<Record<TransportKind, readonly ProxyFault[]>> = {
  websocket: [],
  stream: [blocksUpgrades()],
  poll: [blocksUpgrades(), buffersResponses()],
};

/** A network in front of one server that lets through what a test says, and can be cut. */
export class ChangingNetwork implements AsyncDisposable {
  readonly network: TcpProxy;
  readonly #ports: ReadonlyMap<TransportKind, number>;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    network: TcpProxy,
    ports: ReadonlyMap<TransportKind, number>,
    stack: AsyncDisposableStack,
  ) {
    this.network = network;
    this.#ports = ports;
    this.#stack = stack;
  }

  static async before(serverPort: number): Promise<ChangingNetwork> {
    const stack = new AsyncDisposableStack();
    const ports = new Map<TransportKind, number>();
    for (const kind of ["websocket", "stream", "poll"] as const) {
      const proxy = stack.use(await startProxy({ upstreamPort: serverPort, faults: FAULTS[kind] }));
      ports.set(kind, proxy.port);
    }
    const network = stack.use(await TcpProxy.listen(ports.get("websocket") ?? 0));
    return new ChangingNetwork(network, ports, stack);
  }

  get url(): string {
    return `http://127.0.0.1:${this.network.port}/`;
  }

  /** Connections that come from now on get through by this at best; those that are there stay. */
  allow(best: TransportKind): void {
    this.network.targetPort = this.#ports.get(best) ?? 0;
  }

  cut(): void {
    this.network.cutAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
