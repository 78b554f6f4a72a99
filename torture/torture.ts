import { HistoryChecker, seededRandom, until, wait } from "@parlor/testkit";
import { BULK_ROOM, Crowd, ROOMS } from "./crowd.ts";
import { NETWORK_FAULTS, networkFaults } from "./faults/network-faults.ts";
import { breathe, SERVER_FAULTS, serverFaults } from "./faults/server-faults.ts";
import type { Flags } from "./flags.ts";
import { JumpingClock } from "./jumping-clock.ts";
import { PORCH } from "./porch.ts";
import { readLog, readTexts } from "./read-log.ts";
import type { Scene } from "./scene.ts";
import { ScratchDisk } from "./scratch-disk.ts";
import { SentFiles } from "./sent-files.ts";
import { Tally } from "./tally.ts";
import { MARKS, MAX_SERVER_BYTES, verdictOf, type Verdict } from "./verdict.ts";
import { Victim } from "./victim.ts";

/** A machine that slept stands still for so long; shorter runs have shorter nights. */
const MAX_STOP_MS = 30_000;
const STOPS_FIT_TIMES = 20;
/** Publishes on their way when the faults end must be answered within this. */
const ANSWER_PATIENCE_MS = 60_000;
/**
 * How long anybody may take to come to the end when all faults are over. Above it is a violation: a client
 * waits 20 s at most between two tries, and finds out that its line is dead within two heartbeats, 10 s.
 */
const CATCH_UP_PATIENCE_MS = 45_000;
/** How much longer than asked a run may go on until each kind of fault has met its target. */
const MORE_MS = 90_000;
const PROGRESS_MS = 5_000;
const WEIGH_MS = 250;

const SERVER_KINDS = Object.keys(SERVER_FAULTS);
const NETWORK_KINDS = Object.keys(NETWORK_FAULTS);

/**
 * Runs the real command for some minutes under faults of every kind, in an order that the seed decides,
 * with members on every transport, and judges what everybody saw.
 *
 * `enough` ends the faults early; what happened so far is judged all the same.
 *
 * The moments at which faults meet the work are the machine's: a seed gives the same faults, not the same run.
 */
export async function torture(
  flags: Flags,
  say: (line: string) => void,
  enough: AbortSignal = new AbortController().signal,
): Promise<Verdict> {
  const tally = new Tally();
  const checker = new HistoryChecker();
  const files = new SentFiles();
  const violations: string[] = [];
  const random = seededRandom(flags.seed);
  using disk = new ScratchDisk();
  using clock = new JumpingClock();
  if (!disk.canBeFilled) say("No file system can be mounted here: the disk is never full.");
  if (!clock.isAvailable) say("faketime is not here (apt-get install -y faketime): the clock never jumps.");
  await using victim = new Victim(disk.folder, random, clock);
  await victim.process.start();
  const { port } = victim.process;
  const { members } = flags;
  await using crowd = await Crowd.gather({
    port,
    members,
    random,
    tally,
    record: (event) => checker.take(event),
    files,
  });
  const runMs = flags.minutes * 60_000;
  const stopMs = Math.min(MAX_STOP_MS, runMs / STOPS_FIT_TIMES);
  const scene: Scene = { victim, crowd, disk, clock, tally, random, stopMs, violations };
  const begunMs = performance.now();
  const wanted = [...SERVER_KINDS, ...NETWORK_KINDS, ...MARKS].filter(
    (kind) =>
      (!kind.startsWith("full disks") || disk.canBeFilled) && (kind !== "clock jumps" || clock.isAvailable),
  );
  const isProven = (): boolean => wanted.every((kind) => tally.of(kind) > 0);
  // A short run goes on for a while where some fault has not met its target yet.
  const isOver = (): boolean =>
    enough.aborted || performance.now() - begunMs > runMs + (isProven() ? 0 : MORE_MS);

  const progress = setInterval(() => {
    const seconds = Math.round((performance.now() - begunMs) / 1_000);
    const found = violations.length + checker.violations.length;
    say(
      `${String(seconds).padStart(4)} s of ${runMs / 1_000}: ${tally.words(SERVER_KINDS)}; ${tally.words(NETWORK_KINDS)}; ` +
        `${tally.words(["slow readers noticed", "acked", "deliveries", "disconnects"])}; ${found} violations`,
    );
  }, PROGRESS_MS);
  const weighing = setInterval(() => victim.weigh(), WEIGH_MS);
  try {
    await crowd.connected(ANSWER_PATIENCE_MS);
    crowd.talk();
    // Each lane draws from its own, so that how long the one takes does not change what the other does.
    await Promise.all([
      serverLane({ ...scene, random: seededRandom(`${flags.seed} server`) }, isOver, isProven),
      networkLane({ ...scene, random: seededRandom(`${flags.seed} network`) }, isOver),
    ]);

    say("The faults are over; everybody comes to the end.");
    crowd.heal();
    clock.set(0);
    const overMs = performance.now();
    const hushed = crowd.hush();
    if (!(await until(() => crowd.unanswered === 0, ANSWER_PATIENCE_MS)))
      violations.push(`${crowd.unanswered} publishes were never answered`);
    else await hushed;
    const logs = await Promise.all([...ROOMS, BULK_ROOM].map((room) => readLog(victim.url, room)));
    for (const log of logs) checker.take(log);
    const heads = new Map(logs.map(({ room, entries }) => [room, entries.at(-1)?.offset ?? 0]));
    await crowd.catchUp(heads, CATCH_UP_PATIENCE_MS);
    const settledMs = performance.now() - overMs;
    violations.push(...(await crowd.porch.judge(() => readTexts(victim.url, PORCH), CATCH_UP_PATIENCE_MS)));
    checker.conclude(true);
    violations.push(...crowd.members.flatMap(({ fallenTimes }) => fallenTimes));
    violations.push(...checker.violations.map(({ name, message }) => `${name}: ${message}`));
    violations.push(...(await files.verify([victim.url])));
    if (victim.peakBytes > MAX_SERVER_BYTES)
      violations.push(`the server held ${Math.round(victim.peakBytes / 1_048_576)} MiB`);
    // Who ends it early asks what the faults did that there were, not whether there was each of them.
    return verdictOf({
      flags,
      tally,
      violations,
      settledMs,
      peakBytes: victim.peakBytes,
      files: files.count,
      stored: logs.reduce((sum, { entries }) => sum + entries.length, 0),
      wanted: enough.aborted ? wanted.filter((kind) => tally.of(kind) > 0) : wanted,
    });
  } finally {
    clearInterval(progress);
    clearInterval(weighing);
  }
}

async function serverLane(scene: Scene, isOver: () => boolean, isProven: () => boolean): Promise<void> {
  for (const kind of serverFaults(scene, isProven)) {
    await breathe(scene);
    if (isOver()) return;
    await SERVER_FAULTS[kind](scene);
    scene.tally.add(kind);
  }
}

async function networkLane(scene: Scene, isOver: () => boolean): Promise<void> {
  for (const kind of networkFaults(scene)) {
    await wait(300 * scene.random());
    if (isOver()) return;
    await NETWORK_FAULTS[kind](scene);
    scene.tally.add(kind);
  }
}
