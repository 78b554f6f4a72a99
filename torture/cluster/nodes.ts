import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Random } from "@parlor/base";
import { NatsCluster, ProcessKiller, TcpProxy } from "@parlor/testkit";

/** Its source, where the runner of the tests has not bundled it. */
const MAIN = process.env["TESTED_COMMAND"] ?? join(import.meta.dirname, "../../apps/chat/server/main.ts");
const HEARTBEAT_MS = 5_000;
/** A node waits a minute for a cluster that has no leader yet; a busy machine takes its own time besides. */
const START_PATIENCE_MS = 120_000;
export const NODES = 3;
export const SERVERS = 3;

/** Three nodes and three servers of NATS, with a network between each two of them that can be broken. */
export class Nodes implements AsyncDisposable {
  readonly nats: NatsCluster;
  readonly processes: readonly ProcessKiller[];
  /** Between a node and a server: `toServers[node][server]`. */
  readonly toServers: readonly (readonly TcpProxy[])[];
  /** Between two servers: `routes[from][to]`. */
  readonly #routes: Map<string, TcpProxy>;
  readonly #folder: string;
  peakBytes = 0;

  private constructor(
    nats: NatsCluster,
    processes: readonly ProcessKiller[],
    toServers: readonly (readonly TcpProxy[])[],
    routes: Map<string, TcpProxy>,
    folder: string,
  ) {
    this.nats = nats;
    this.processes = processes;
    this.toServers = toServers;
    this.#routes = routes;
    this.#folder = folder;
  }

  static async start(random: Random): Promise<Nodes> {
    const folder = mkdtempSync(join(tmpdir(), "parlor-torture-"));
    const routes = new Map<string, TcpProxy>();
    const nats = await NatsCluster.start({
      servers: SERVERS,
      routePort: async (from, to, port) => {
        const proxy = await TcpProxy.listen(port);
        routes.set(`${from} ${to}`, proxy);
        return proxy.port;
      },
    });
    const toServers: TcpProxy[][] = [];
    const processes: ProcessKiller[] = [];
    for (let node = 0; node < NODES; node++) {
      const proxies: TcpProxy[] = [];
      for (let server = 0; server < SERVERS; server++) {
        proxies.push(await TcpProxy.listen(Number(new URL(nats.urlOf(server)).port)));
      }
      toServers.push(proxies);
      const log = `nats://${proxies.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
      processes.push(
        new ProcessKiller({
          command: (port) => [
            process.execPath,
            "--max-semi-space-size=16",
            MAIN,
            ...["--port", String(port), "--data", join(folder, `node-${node}`), "--log", log],
            ...["--heartbeat-ms", String(HEARTBEAT_MS)],
            ...["--publish-per-second", "Infinity", "--connections-per-address", "Infinity"],
          ],
          ownGroup: true,
          ready: / serves http:\S+:(\d+)/,
          startTimeoutMs: START_PATIENCE_MS,
          random,
        }),
      );
    }
    const nodes = new Nodes(nats, processes, toServers, routes, folder);
    try {
      await nodes.startAll();
    } catch (error) {
      await nodes[Symbol.asyncDispose]();
      throw error;
    }
    return nodes;
  }

  /** Starts those that do not run. */
  async startAll(): Promise<void> {
    for (const process of this.processes) if (!process.isRunning) await process.start();
  }

  urlOf(node: number): string {
    return `http://127.0.0.1:${this.process(node).port}/`;
  }

  process(node: number): ProcessKiller {
    const process = this.processes[node];
    if (process === undefined) throw new RangeError(`there is no node ${node}`);
    return process;
  }

  /** The networks between one server of NATS and the others. */
  routesOf(server: number): TcpProxy[] {
    return [...this.#routes]
      .filter(([name]) => name.split(" ").includes(String(server)))
      .map(([, proxy]) => proxy);
  }

  get networks(): TcpProxy[] {
    return [...this.toServers.flat(), ...this.#routes.values()];
  }

  weigh(): void {
    for (const { pid } of this.processes) {
      if (pid === null) continue;
      try {
        const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
        this.peakBytes = Math.max(this.peakBytes, Number(resident ?? 0) * 1_024);
      } catch (error) {
        // It died between the two lines.
        if (!["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.processes.map((process) => process[Symbol.asyncDispose]()));
    for (const network of this.networks) await network[Symbol.asyncDispose]();
    await this.nats.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
