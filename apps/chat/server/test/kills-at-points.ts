import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  checkHistory,
  HistoryRecorder,
  killAt,
  killedAt,
  type KillPoint,
  type PlannedKill,
  ProcessKiller,
  randomInteger,
  RecordedPeer,
  recordLog,
  seededRandom,
  type Violation,
} from "@parlor/testkit";
import { COMMAND, temporaryFolder, within } from "./parlor-process.ts";

const ROOM = "kill";
const PUBLISHERS = 4;
/** So many lives may miss their point for each that does not, and some more. */
const LIVES_A_HIT = 6;
const LIFE_MS = 20_000;

/** Which of the calls at a point ends a life: beyond those of a start, and some commits later. */
const CALLS: Readonly<Record<KillPoint, readonly [min: number, max: number]>> = {
  "before-write": [60, 200],
  "amid-writes": [5, 120],
  "after-write-before-sync": [2, 30],
  "after-sync-before-answer": [60, 200],
  "during-checkpoint": [13, 40],
  "checkpoint-before-sync": [1, 2],
};

/** What a server that was killed at points of its log showed. */
export interface KillsAtPoints {
  readonly lives: number;
  readonly hits: Readonly<Record<KillPoint, number>>;
  readonly acked: number;
  /** Publishes that were stored, and whose answer a kill took: they were sent again, and known. */
  readonly duplicates: number;
  readonly stored: number;
  /** Publishes that had no answer at the end. */
  readonly unanswered: number;
  readonly violations: readonly Violation[];
}

/** Kills the real command under load at each point so many times, and judges what everybody saw. */
export async function killAtPoints(
  wanted: Readonly<Record<KillPoint, number>>,
  seed: string,
): Promise<KillsAtPoints> {
  const random = seededRandom(seed);
  using folder = temporaryFolder();
  // It must be there, so that strace knows the files in it by their names.
  const data = join(folder.path, "data");
  mkdirSync(data);
  const hits = Object.fromEntries(Object.keys(wanted).map((point) => [point, 0])) as Record<
    KillPoint,
    number
  >;
  let plan: PlannedKill | null = null;
  await using server = new ProcessKiller({
    command: (port) => {
      const flags = ["--data", data, "--port", String(port), "--publish-per-second", "Infinity"];
      const command = [process.execPath, COMMAND, ...flags] as const;
      return plan === null ? command : killAt(plan, command);
    },
    random,
  });
  await server.start();
  const recorder = new HistoryRecorder();
  const url = (): string => `ws://127.0.0.1:${server.port}/connect`;
  const peers = Array.from(
    { length: PUBLISHERS },
    (_, i) =>
      new RecordedPeer({ url, room: ROOM, name: `peer ${i}`, recorder, subscribes: i < 2, window: 8 }),
  );
  try {
    for (const peer of peers) peer.startPublishing();
    await within(peers[0]?.until(() => peers[0]?.acked !== 0) ?? Promise.resolve(), "nothing was acked");
    await server.end("SIGKILL");
    for (const point of Object.keys(wanted) as KillPoint[]) {
      const lateAt = server.ends.length + LIVES_A_HIT * wanted[point] + LIVES_A_HIT;
      while (hits[point] < wanted[point] && server.ends.length < lateAt) {
        const nth = randomInteger(random, ...CALLS[point]);
        plan = { point, nth, database: join(data, "parlor.db"), trace: join(folder.path, "trace") };
        await liveUntilKilled(server);
        const hit = killedAt(plan);
        if (hit !== null) hits[hit] += 1;
      }
    }
    plan = null;
    await server.start();
    const stored = await settle(server.port, peers, recorder);
    const sum = (count: (peer: RecordedPeer) => number): number =>
      peers.reduce((total, peer) => total + count(peer), 0);
    return {
      lives: server.ends.length + 1,
      hits,
      acked: sum(({ acked }) => acked),
      duplicates: sum(({ duplicates }) => duplicates),
      stored,
      unanswered: sum(({ unackedCount }) => unackedCount),
      violations: checkHistory(recorder.events, { settled: true }),
    };
  } finally {
    for (const peer of peers) peer.close();
  }
}

/** One life, from a start, which the kill may meet already, to its end. */
async function liveUntilKilled(server: ProcessKiller): Promise<void> {
  const livesBefore = server.ends.length;
  try {
    await server.start();
  } catch (error) {
    // Killed while it opened its files; anything else is a failure.
    if (server.ends.length === livesBefore || server.ends.at(-1)?.signal !== "SIGKILL") throw error;
    return;
  }
  const patience = AbortSignal.timeout(LIFE_MS);
  // One that never comes to the call is ended all the same.
  patience.onabort = () => void (server.isRunning && server.end("SIGKILL"));
  const end = await server.ended;
  patience.onabort = null;
  if (end !== null && end.signal !== "SIGKILL")
    throw new Error(`it ended with ${end.exitCode}:\n${end.stderr}`);
}

/** Lets everybody come to the end, and adds what the log says; gives the offset of its newest message. */
async function settle(
  port: number,
  peers: readonly RecordedPeer[],
  recorder: HistoryRecorder,
): Promise<number> {
  for (const peer of peers) peer.stopPublishing();
  // One whose answer never comes is judged all the same: the server may have lost what went before it.
  const answered = peers.map((peer) => peer.until(() => peer.unackedCount === 0));
  await within(Promise.all(answered), "an answer to each publish").catch(() => undefined);
  const head = await recordLog(recorder, `http://127.0.0.1:${port}/`, ROOM);
  for (const peer of peers.slice(0, 2)) {
    await within(
      peer.until(() => peer.offset >= head),
      "somebody did not come to the end",
    );
  }
  return head;
}
