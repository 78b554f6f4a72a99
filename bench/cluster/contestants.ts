import { join } from "node:path";
import { NatsCluster, ProcessKiller, seededRandom } from "@parlor/testkit";
import { Scratch } from "../processes/scratch.ts";

const COMMAND = join(import.meta.dirname, "../../apps/chat/server/main.ts");
const START_MS = 60_000;

/** Nodes of the real command over one log. */
export class Contestant implements AsyncDisposable {
  readonly nodes: readonly ProcessKiller[];
  /** Null for a node on SQLite. */
  readonly nats: NatsCluster | null;
  readonly #scratch: Scratch;

  private constructor(nodes: readonly ProcessKiller[], nats: NatsCluster | null, scratch: Scratch) {
    this.nodes = nodes;
    this.nats = nats;
    this.#scratch = scratch;
  }

  /** One node, on SQLite. */
  static sqlite(): Promise<Contestant> {
    return Contestant.#start(1, null);
  }

  /** Three nodes, on three servers of NATS with three replicas. */
  static async nats(): Promise<Contestant> {
    return await Contestant.#start(3, await NatsCluster.start({ servers: 3 }));
  }

  static async #start(count: number, nats: NatsCluster | null): Promise<Contestant> {
    const scratch = new Scratch();
    const nodes: ProcessKiller[] = [];
    for (let i = 0; i < count; i++) {
      const log = nats === null ? "sqlite:" : nats.url;
      nodes.push(
        new ProcessKiller({
          command: (port) => [
            process.execPath,
            ...[COMMAND, "--data", join(scratch.folder, `node-${i}`), "--port", String(port), "--log", log],
            ...["--publish-per-second", "Infinity", "--connections-per-address", "Infinity"],
          ],
          ready: / serves http:\S+:(\d+)/,
          startTimeoutMs: START_MS,
          random: seededRandom("cluster"),
        }),
      );
    }
    const contestant = new Contestant(nodes, nats, scratch);
    for (const node of nodes) await node.start();
    return contestant;
  }

  portOf(node: number): number {
    const found = this.nodes[node % this.nodes.length];
    if (found === undefined) throw new RangeError("a contestant has a node");
    return found.port;
  }

  urlOf(node: number): string {
    return `http://127.0.0.1:${this.portOf(node)}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.nodes) await node[Symbol.asyncDispose]();
    await this.nats?.stop();
    this.#scratch[Symbol.dispose]();
  }
}
