import type { Random } from "@parlor/base";
import { randomInteger, randomItem, shuffled, type TcpProxy, wait } from "@parlor/testkit";
import type { Tally } from "../tally.ts";
import { NODES, type Nodes, SERVERS } from "./nodes.ts";

export interface ClusterScene {
  readonly nodes: Nodes;
  readonly tally: Tally;
  readonly random: Random;
  /** How long who is stopped stands still. */
  readonly stopMs: number;
}

/** What is done to nodes and servers of NATS, one after the other: each leaves all of them running. */
export const CLUSTER_FAULTS = {
  async "nodes killed"({ nodes, random }: ClusterScene): Promise<void> {
    const node = nodes.process(anyNode(random));
    await node.end("SIGKILL");
    await wait(randomInteger(random, 0, 2_000));
    await node.start();
  },

  async "nodes stopped"({ nodes, random, stopMs }: ClusterScene): Promise<void> {
    await nodes.process(anyNode(random)).freeze(stopMs);
  },

  async "nodes drained"({ nodes, random, tally }: ClusterScene): Promise<void> {
    const node = nodes.process(anyNode(random));
    await node.end("SIGTERM");
    if (node.ends.at(-1)?.exitCode === 0) tally.add("clean drains");
    await node.start();
  },

  /** A node sees nothing of the cluster, and the cluster nothing of it. */
  async "nodes cut off"({ nodes, random }: ClusterScene): Promise<void> {
    await cutOff(nodes.toServers[anyNode(random)] ?? [], random);
  },

  async "servers killed"({ nodes, random }: ClusterScene): Promise<void> {
    const server = anyServer(random);
    await nodes.nats.kill(server);
    await wait(randomInteger(random, 0, 3_000));
    await startAgain(nodes, server);
  },

  /** The one that says what is stored: the others have to agree on another. */
  async "leaders killed"({ nodes, random, tally }: ClusterScene): Promise<void> {
    const leader = await nodes.nats.leaderOf(`parlor_${randomInteger(random, 0, 3)}`);
    if (leader === undefined) return;
    tally.add("leaders found");
    await nodes.nats.kill(leader);
    await wait(randomInteger(random, 500, 6_000));
    await startAgain(nodes, leader);
  },

  async "servers stopped"({ nodes, random, stopMs }: ClusterScene): Promise<void> {
    const server = anyServer(random);
    await nodes.nats.pause(server);
    await wait(stopMs);
    nodes.nats.resume(server);
  },

  /** One server sees nothing of the others, while nodes still see all. */
  async "servers cut off"({ nodes, random }: ClusterScene): Promise<void> {
    await cutOff(nodes.routesOf(anyServer(random)), random);
  },
};

const CURRENT_PATIENCE_MS = 120_000;

export type ClusterFault = keyof typeof CLUSTER_FAULTS;

/** Every kind in turn, in another order each time. */
export function* clusterFaults(random: Random): Generator<ClusterFault, never> {
  const kinds = Object.keys(CLUSTER_FAULTS) as ClusterFault[];
  for (;;) yield* shuffled(random, [...kinds, "nodes killed", "servers killed"] as const);
}

/** Half-open, so that nobody is told; and at the end sometimes reset. */
async function cutOff(networks: readonly TcpProxy[], random: Random): Promise<void> {
  for (const network of networks) network.pause();
  await wait(randomInteger(random, 1_000, 10_000));
  const isReset = random() < 0.5;
  for (const network of networks) {
    if (isReset) network.cutAll();
    network.resume();
  }
}

/** With much to catch up on it takes its time until all its streams are current. */
async function startAgain(nodes: Nodes, server: number): Promise<void> {
  await nodes.nats.restart(server, CURRENT_PATIENCE_MS);
}

const anyNode = (random: Random): number =>
  randomItem(
    random,
    Array.from({ length: NODES }, (_, i) => i),
  );
const anyServer = (random: Random): number =>
  randomItem(
    random,
    Array.from({ length: SERVERS }, (_, i) => i),
  );
