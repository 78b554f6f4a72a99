import { seededRandom } from "@parlor/testkit";

/**
 * How often a message is copied on its way to everybody, by simulation: connections are put on nodes at random, as a
 * balancer without sticky sessions does, and rooms are made of them.
 *
 *     node bench/scale/fan-out.ts                prints the table of docs/scale.md
 */

/** Connections that one node holds, for planning. */
const CONNECTIONS_A_NODE = 50_000;
/** Rooms that a connection is in at once. */
const ROOMS_A_CONNECTION = 4;
/** What a connection publishes a second. */
const PUBLISHES_A_SECOND = 1 / 60;
/** A busy room gathers for 25 ms: so many frames a second at most go to a member. */
const MAX_FRAMES_A_SECOND = 40;
/** Of all memberships, the share in rooms of a size. */
const SIZES: readonly (readonly [members: number, share: number])[] = [
  [8, 0.5],
  [200, 0.3],
  [10_000, 0.2],
];
/** Rooms of a size beyond which more of them change the average by less than a percent. */
const MAX_SIMULATED_ROOMS = 2_000;

interface Load {
  readonly nodes: number;
  readonly rooms: number;
  readonly recordsPerSecond: number;
  /** Records on their way from NATS to nodes with a member of the room. */
  readonly copiesPerSecond: number;
  readonly framesPerSecond: number;
  /** Subscriptions of nodes to rooms. */
  readonly interests: number;
}

function simulate(connections: number): Load {
  const random = seededRandom(`fan-out ${connections}`);
  const nodes = Math.max(1, Math.ceil(connections / CONNECTIONS_A_NODE));
  let rooms = 0;
  let recordsPerSecond = 0;
  let copiesPerSecond = 0;
  let framesPerSecond = 0;
  let interests = 0;
  for (const [size, share] of SIZES) {
    const members = Math.min(size, connections);
    const count = (connections * ROOMS_A_CONNECTION * share) / members;
    const rate = (members * PUBLISHES_A_SECOND) / ROOMS_A_CONNECTION;
    const simulated = Math.max(
      1,
      Math.min(MAX_SIMULATED_ROOMS, Math.floor(count), Math.ceil(4_000_000 / members)),
    );
    let places = 0;
    for (let room = 0; room < simulated; room++) {
      const there = new Set<number>();
      for (let member = 0; member < members; member++) there.add(Math.floor(random() * nodes));
      places += there.size;
    }
    const nodesOfRoom = places / simulated;
    rooms += count;
    interests += count * nodesOfRoom;
    recordsPerSecond += count * rate;
    copiesPerSecond += count * rate * nodesOfRoom;
    framesPerSecond += count * members * Math.min(rate, MAX_FRAMES_A_SECOND);
  }
  return { nodes, rooms, recordsPerSecond, copiesPerSecond, framesPerSecond, interests };
}

const short = (value: number): string => {
  for (const [size, unit] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (value >= size) return `${(value / size).toFixed(1)} ${unit}`;
  }
  return value.toFixed(0);
};

console.log(
  "| connections | nodes | rooms | records/s | copies to nodes/s | of them a node | frames/s a node | interests a node |",
);
console.log("|---|---|---|---|---|---|---|---|");
for (const connections of [10_000, 1_000_000, 100_000_000]) {
  const { nodes, rooms, recordsPerSecond, copiesPerSecond, framesPerSecond, interests } =
    simulate(connections);
  const cells = [connections, nodes, rooms, recordsPerSecond, copiesPerSecond];
  const perNode = [copiesPerSecond, framesPerSecond, interests].map((value) => value / nodes);
  console.log(`| ${[...cells, ...perNode].map(short).join(" | ")} |`);
}
