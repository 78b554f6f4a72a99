import "./page.ts";
import { sideRoom } from "@parlor/log";
import { randomItem, seededRandom } from "@parlor/testkit";
import { faultNames, FAULTS } from "./faults.ts";
import { foldState } from "./beside/state-truth.ts";
import { isOwnKey, SIGNAL_MARK } from "./beside/room-beside.ts";
import { Participant } from "./participant.ts";
import { ROOMS } from "./world/rights.ts";
import { MARK_BYTES } from "./world/simulated-connection.ts";
import { Tally } from "./world/tally.ts";
import { World } from "./world/world.ts";

export interface RunResult {
  readonly seed: string;
  readonly steps: number;
  readonly faults: number;
  readonly violations: readonly string[];
  readonly tally: Tally;
}

export const MIN_STEPS = 1_000;
/** Steps before calm comes back, at least. */
const BUSY_STEPS = 600;
export const MIN_FAULTS = 5;
const MAX_MORE_FAULTS = 7;
const PARTICIPANTS = ["ada", "bob"];
/** Nobody lets this one into the private room. */
const STRANGER = "mallory";
/** How long, in simulated ms, everybody may take to come to the end after the last fault (I10). */
const CATCH_UP_MS = 60_000;
const USUAL_CHAIN = 10;
/** Steps from one look at whether all is settled to the next. */
const LOOK_EVERY = 10;
/** Simulated time without an end is a fault of the simulation, or of whoever sets timers. */
const MAX_STEPS = 100_000;
/**
 * What may wait unsent on one connection (I9): up to its mark, and what was being answered when that was
 * passed: one batch or page, and the answers to the publishes in flight.
 */
const MAX_UNSENT_BYTES = MARK_BYTES + 100_000;

/**
 * One run: the seed decides everything that happens in it.
 * @param isLively  With state, presence and signals, deletions and restored backups.
 */
export async function run(seed: string, isLively = false): Promise<RunResult> {
  const tally = new Tally();
  const world = new World(seededRandom(seed), tally, isLively);
  const names = faultNames(isLively);
  const { clock } = world;
  world.startServer();
  const participants = [...PARTICIPANTS, STRANGER].map((name) => new Participant(name, world));
  for (const { name, identity } of participants) if (name !== STRANGER) world.rights.admit(identity);

  const wantedFaults = MIN_FAULTS + world.draw(0, MAX_MORE_FAULTS);
  let faults = 0;
  const harm = (): void => {
    const name = randomItem(world.random, names);
    if (FAULTS[name]({ world, participants })) {
      faults += 1;
      tally.add(name);
    }
    if (faults < wantedFaults) world.later(20, 700, harm);
  };
  world.later(200, 800, harm);
  if (isLively) world.later(300, 3_000, () => world.backUp());
  await pass(world, () => faults >= wantedFaults && clock.steps >= BUSY_STEPS);

  for (const participant of participants) participant.calmDown();
  // What was broken mends itself; then nothing is done to anybody any more.
  await pass(world, () => world.broken === 0);
  for (const participant of participants) participant.calmDown();
  world.startServer();
  const deadlineMs = clock.monotonic() + CATCH_UP_MS;
  await pass(world, () => {
    if (clock.steps < MIN_STEPS) return false;
    return (
      clock.monotonic() > deadlineMs || (clock.steps % LOOK_EVERY === 0 && isSettled(world, participants))
    );
  });
  await judge(world, participants);
  return { seed, steps: clock.steps, faults, violations: world.violations, tally };
}

function isSettled(world: World, participants: readonly Participant[]): boolean {
  if (world.server === null) return false;
  const heads = new Map(ROOMS.map((room) => [room, world.server?.log.headOf(room) ?? null]));
  return (
    participants.every((each) => each.unanswered === 0 && each.isAt(heads)) &&
    faultsBeside(world, participants).length === 0
  );
}

/** What pages have of rooms beside their messages that is not so. */
function faultsBeside({ server }: World, participants: readonly Participant[]): string[] {
  return ROOMS.flatMap((room) => {
    const asking = participants.flatMap((each) => {
      const beside = each.besideOf(room);
      return beside === null ? [] : [{ each, beside }];
    });
    const there = new Map(asking.map(({ each }) => [each.identity, each.profile]));
    const state = foldState(server?.log.sideRecords(sideRoom("state", room)) ?? []);
    return asking.flatMap(({ beside }) => beside.faultsBeside(state, there));
  });
}

/** Lets events happen until it is enough. */
function pass(world: World, isEnough: () => boolean): Promise<void> {
  const { clock } = world;
  return new Promise((resolve, reject) => {
    const step = (): void => {
      if (isEnough()) return resolve();
      if (clock.steps > MAX_STEPS) throw new Error("the simulated time has no end");
      if (!clock.next()) return resolve();
      settle(goOn);
    };
    // What a step throws ends the run.
    const goOn = (): void => {
      try {
        step();
      } catch (error) {
        reject(error as Error);
      }
    };
    goOn();
  });
}

const SETTLED = Promise.resolve();

/**
 * Lets promises go on, as far as chains of them are usual. A longer one goes on behind the next event, as in a
 * process that is slow; a whole turn of the event loop would take most of a run's time, and so would a promise
 * made for each link.
 */
function settle(then: () => void): void {
  let links = 0;
  const goOn = (): void => {
    links += 1;
    if (links > USUAL_CHAIN) then();
    else void SETTLED.then(goOn);
  };
  void SETTLED.then(goOn);
}

async function judge(world: World, participants: readonly Participant[]): Promise<void> {
  const { checker, violations, server, stateTruth } = world;
  for (const { name, unanswered, fallenTimes } of participants) {
    if (unanswered > 0) violations.push(`unanswered: ${unanswered} publishes of ${name}`);
    violations.push(...fallenTimes);
  }
  violations.push(...faultsBeside(world, participants));
  for (const room of ROOMS) {
    const held = foldState(server?.log.sideRecords(sideRoom("state", room)) ?? []);
    violations.push(...stateTruth.faultsOf(room, held, isOwnKey));
    const head = server?.log.headOf(room) ?? null;
    for (const each of participants)
      if (!each.isAt(new Map([[room, head]])))
        violations.push(`behind: ${each.name} is not at the end of ${room}`);
  }
  if (world.disk.read().includes(SIGNAL_MARK)) violations.push("stored: a signal is on the disk");
  for (const room of ROOMS) if (server !== null) checker.take(await server.log.contents(room));
  for (const participant of participants) participant.leave();
  world.killServer();
  checker.conclude(true);
  violations.push(...checker.violations.map(({ name, message }) => `${name}: ${message}`));
  if (world.peakUnsentBytes > MAX_UNSENT_BYTES)
    violations.push(`unbounded: ${world.peakUnsentBytes} bytes waited on one connection`);
}
