import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { NatsServerProcess } from "./nats-server-process.ts";
import { until } from "./patience.ts";

export interface NatsClusterOptions {
  /** One server alone, or three that form a cluster. @default 1 */
  readonly servers?: 1 | 3;
  /**
   * Where server `from` reaches server `to` for the cluster's own traffic, given the port at which `to` listens;
   * for a proxy in between. @default that port itself
   */
  readonly routePort?: (from: number, to: number, port: number) => Promise<number>;
  /** More lines of configuration, for each server. @default "" */
  readonly more?: string;
}

interface Ports {
  readonly client: number;
  readonly route: number;
  readonly monitor: number;
}

const START_TIMEOUT_MS = 20_000;
const START_TRIES = 5;

/**
 * Real nats-servers with JetStream: on free ports of 127.0.0.1, with their data in a temporary folder. Each can be
 * killed, stopped and started again by its index. Nothing of it outlives the test: dispose of it (`await using`).
 */
export class NatsCluster implements AsyncDisposable {
  readonly #folder: string;
  readonly #ports: readonly Ports[];
  readonly #servers: readonly NatsServerProcess[];

  private constructor(folder: string, ports: readonly Ports[], servers: readonly NatsServerProcess[]) {
    this.#folder = folder;
    this.#ports = ports;
    this.#servers = servers;
  }

  /** Resolves when each server says that its JetStream serves. */
  static async start(options: NatsClusterOptions = {}): Promise<NatsCluster> {
    for (let tries = 1; ; tries++) {
      try {
        return await NatsCluster.#start(options);
      } catch (error) {
        // A port that was free a moment ago may be somebody's by now. Proxies stand at ports that they were told.
        const isTaken = error instanceof Error && error.message.includes("address already in use");
        if (!isTaken || options.routePort !== undefined || tries === START_TRIES) throw error;
      }
    }
  }

  static async #start(options: NatsClusterOptions): Promise<NatsCluster> {
    const folder = await mkdtemp(join(tmpdir(), "parlor-nats-"));
    const count = options.servers ?? 1;
    const ports: Ports[] = [];
    for (let i = 0; i < count; i++) {
      ports.push({ client: await freePort(), route: await freePort(), monitor: await freePort() });
    }
    const servers: NatsServerProcess[] = [];
    for (let i = 0; i < count; i++) {
      await mkdir(dataFolder(folder, i));
      const file = join(folder, `server-${i}.conf`);
      await writeFile(file, await configuration(folder, i, ports, options));
      servers.push(new NatsServerProcess(file));
    }
    const cluster = new NatsCluster(folder, ports, servers);
    try {
      for (const server of servers) server.start();
      for (let i = 0; i < count; i++) await cluster.#serves(i);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** What `openNatsLog` takes: `nats://127.0.0.1:1,127.0.0.1:2,…` */
  get url(): string {
    return `nats://${this.#ports.map(({ client }) => `127.0.0.1:${client}`).join(",")}`;
  }

  get serverCount(): number {
    return this.#servers.length;
  }

  /** `nats://127.0.0.1:PORT` of one server. */
  urlOf(index: number): string {
    return `nats://127.0.0.1:${this.#at(index).ports.client}`;
  }

  /** Where one server answers `/varz`, `/jsz` and `/healthz`. */
  monitorOf(index: number): string {
    return `http://127.0.0.1:${this.#at(index).ports.monitor}`;
  }

  dataFolderOf(index: number): string {
    return dataFolder(this.#folder, index);
  }

  /** Which server leads the stream; undefined while none does, or its leader does not answer. */
  async leaderOf(stream: string): Promise<number | undefined> {
    for (let i = 0; i < this.#servers.length; i++) {
      const name = await this.#leaderAsSeenBy(i, stream);
      const index = this.#ports.findIndex((_, each) => serverName(each) === name);
      if (index >= 0 && this.#at(index).server.isServing) return index;
    }
    return undefined;
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(index: number): Promise<void> {
    await this.#at(index).server.end("SIGKILL");
  }

  /** SIGSTOP: its connections stay, and it says nothing; resolves when it is so. */
  async pause(index: number): Promise<void> {
    await this.#at(index).server.pause();
  }

  /** SIGCONT after `pause`. */
  resume(index: number): void {
    this.#at(index).server.resume();
  }

  /** Starts one that was killed, with its data; resolves when it serves. One that runs is ended before. */
  async restart(index: number, patienceMs = START_TIMEOUT_MS): Promise<void> {
    const { server } = this.#at(index);
    if (server.isRunning) await server.end("SIGTERM");
    server.start();
    await this.#serves(index, patienceMs);
  }

  /** Ends all and removes their data. Twice is harmless. */
  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.end("SIGKILL")));
    await rm(this.#folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #serves(index: number, patienceMs = START_TIMEOUT_MS): Promise<void> {
    const { server } = this.#at(index);
    const isHealthy = await until(async () => {
      if (!server.isRunning) throw new Error(`nats-server ended before it served:\n${server.said}`);
      const said = await ask(`${this.monitorOf(index)}/healthz`);
      return said !== null && (said as { status?: string }).status === "ok";
    }, patienceMs);
    if (!isHealthy) throw new Error(`nats-server did not serve in time; it said:\n${server.said}`);
  }

  async #leaderAsSeenBy(index: number, stream: string): Promise<string | undefined> {
    if (!this.#at(index).server.isServing) return undefined;
    const said = (await ask(`${this.monitorOf(index)}/jsz?streams=true`)) as JetStreamReport | null;
    for (const account of said?.account_details ?? []) {
      const found = account.stream_detail?.find(({ name }) => name === stream);
      if (found !== undefined) return found.cluster?.leader ?? serverName(index);
    }
    return undefined;
  }

  #at(index: number): { readonly ports: Ports; readonly server: NatsServerProcess } {
    const [ports, server] = [this.#ports[index], this.#servers[index]];
    if (ports === undefined || server === undefined) throw new RangeError(`there is no server ${index}`);
    return { ports, server };
  }
}

interface JetStreamReport {
  readonly account_details?: readonly {
    readonly stream_detail?: readonly {
      readonly name: string;
      readonly cluster?: { readonly leader?: string };
    }[];
  }[];
}

const dataFolder = (folder: string, index: number): string => join(folder, `data-${index}`);
const serverName = (index: number): string => `server-${index}`;

async function configuration(
  folder: string,
  index: number,
  ports: readonly Ports[],
  options: NatsClusterOptions,
): Promise<string> {
  const own = ports[index];
  if (own === undefined) throw new RangeError(`there is no server ${index}`);
  const lines = [
    `server_name: ${serverName(index)}`,
    `listen: 127.0.0.1:${own.client}`,
    `http: 127.0.0.1:${own.monitor}`,
    `jetstream { store_dir: ${JSON.stringify(dataFolder(folder, index))} }`,
    options.more ?? "",
  ];
  if (ports.length > 1) {
    const routes: string[] = [];
    for (const [other, { route }] of ports.entries()) {
      if (other === index) continue;
      const port = (await options.routePort?.(index, other, route)) ?? route;
      routes.push(`nats-route://127.0.0.1:${port}`);
    }
    // Without no_advertise the servers would tell each other, and clients, of ways around a proxy.
    lines.push(
      `cluster { name: parlor-test, listen: 127.0.0.1:${own.route}, no_advertise: true, routes: [${routes.join(", ")}] }`,
    );
  }
  return lines.join("\n");
}

async function ask(url: string): Promise<unknown> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return await answer.json();
  } catch {
    // Not there yet, or not any more: who asks asks again.
    return null;
  }
}
