import { gzipSync } from "node:zlib";
import { findProgram } from "@parlor/testkit";
import { type Browser, chromium, type Page, type Response } from "playwright-core";
import { type Blocking, measureBlocking } from "../page/blocking.ts";
import { chatCommand } from "../page/chat-command.ts";
import { fillRooms, type RoomFill } from "../page/fill-room.ts";
import { BLANK_PAGE, handsOn } from "../page/hands.ts";
import { noteOpening, openingMs } from "../page/opening.ts";
import type { TalkerCalls } from "../page/talker.ts";
import { Child } from "../processes/child.ts";
import { Scratch } from "../processes/scratch.ts";
import { indexed } from "../processes/search-index.ts";
import type { Bench, ScenarioResult } from "./bench.ts";
import { median } from "./median.ts";
import { kilobytes, milliseconds, times } from "./words.ts";

const BUSY = { room: "busy", count: 100_000 };
const HUGE = { room: "huge", count: 1_000_000 };
const MISSED = 200_000;
const PER_SECOND = 50;
const SETTLE_MS = 5_000;
const MAX_SCRIPT_BYTES = 60 * 1_024;
const MAX_OPENING_MS = 300;
const MAX_TIMES_BLANK = 2;
const VIEW = { width: 1_200, height: 800 };

interface Rounds {
  readonly blank: Blocking[];
  readonly busy: Blocking[];
  readonly openingMs: number[];
}

/** The chat's page in Chromium: what it loads, how long it blocks in a lively room, how soon a long one is there. */
export async function page(bench: Bench): Promise<ScenarioResult> {
  using scratch = new Scratch();
  const huge = bench.isQuick ? { ...HUGE, count: HUGE.count / 10 } : HUGE;
  const fill = async (filled: RoomFill): Promise<void> => {
    bench.say(`  filling a room with ${filled.count.toLocaleString("en")} messages`);
    await fillRooms(scratch.folder, [filled]);
  };
  await fill(BUSY);
  await using server = chatCommand(scratch.folder);
  await server.start();
  const url = `http://127.0.0.1:${server.port}/`;
  const browser = await chromium.launch({
    executablePath: findProgram("chromium"),
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  try {
    // As in a room that grew while its server ran: the index of one that was filled would take a core from the page.
    await indexed(url, BUSY.count);
    const scriptBytes = await loadedScriptBytes(browser, url);
    bench.say(`  first load: ${kilobytes(scriptBytes)} of script, gzipped`);
    const rounds: Rounds = { blank: [], busy: [], openingMs: [] };
    for (let round = 0; round < bench.rounds; round++) {
      rounds.blank.push(await blockingOf(browser, null));
      rounds.busy.push(await blockingOf(browser, url));
      bench.say(`  round ${round + 1}: ${told(rounds)}`);
    }
    await server.end();
    await fill(huge);
    await server.start();
    for (let round = 0; round < bench.rounds; round++) {
      rounds.openingMs.push(await opened(browser, url, huge.room, huge.count));
      bench.say(`  opened ${milliseconds(rounds.openingMs.at(-1) ?? NaN)} after the welcome`);
    }
    const missedMs = await afterAbsence(
      browser,
      scratch.folder,
      server,
      url,
      bench.isQuick ? MISSED / 10 : MISSED,
    );
    bench.say(`  after the absence: ${milliseconds(missedMs)}`);
    return result(scriptBytes, rounds, missedMs, bench.isQuick);
  } finally {
    await browser.close();
  }
}

function told({ blank, busy }: Rounds): string {
  const [still, lively] = [blank.at(-1), busy.at(-1)];
  return (
    `worst task ${milliseconds(still?.worstTaskMs ?? NaN)} blank, ${milliseconds(lively?.worstTaskMs ?? NaN)} lively ` +
    `(${milliseconds(still?.worstTaskCpuMs ?? NaN)} and ${milliseconds(lively?.worstTaskCpuMs ?? NaN)} of a core)`
  );
}

/** Gzipped bytes of every script that a first visit loads until its newest message stands there. */
async function loadedScriptBytes(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext({ viewport: VIEW });
  const visited = await context.newPage();
  const bodies: Promise<Buffer>[] = [];
  const note = (response: Response): void => {
    if (response.request().resourceType() === "script") bodies.push(response.body());
  };
  visited.on("response", note);
  await visited.goto(new URL(`r/${BUSY.room}`, url).href);
  await visited.locator(".message[data-offset]").last().waitFor();
  // What comes later does not count, and could not be read of a page that is closed.
  visited.off("response", note);
  const scripts = await Promise.all(bodies);
  await context.close();
  return scripts.reduce((sum, script) => sum + gzipSync(script).length, 0);
}

/** Somebody types and scrolls, on a blank page, or in a room in which others talk without end. */
async function blockingOf(browser: Browser, url: string | null): Promise<Blocking> {
  const context = await browser.newContext({ viewport: VIEW });
  const used = await context.newPage();
  try {
    if (url === null) {
      await used.setContent(BLANK_PAGE);
      // At its end as a room is, or the way up would be none; and as long behind its first seconds.
      await used.locator(".scroll").evaluate((list) => list.scrollTo(0, list.scrollHeight));
      await used.waitForTimeout(SETTLE_MS);
      return await measured(browser, used);
    }
    await used.goto(new URL(`r/${BUSY.room}`, url).href);
    await used.locator(".message[data-offset]").last().waitFor();
    await using talker = new Child<TalkerCalls>(new URL("../page/talker.ts", import.meta.url), {
      core: null,
    });
    await talker.call("talk", { url, room: BUSY.room, perSecond: PER_SECOND });
    await used
      .getByText(/said live/)
      .last()
      .waitFor();
    // Behind what only the first seconds cost: code that is compiled, fonts that are read.
    await used.waitForTimeout(SETTLE_MS);
    const blocking = await measured(browser, used);
    await talker.call("stop");
    return blocking;
  } finally {
    await context.close();
  }
}

async function measured(browser: Browser, used: Page): Promise<Blocking> {
  const typeAndScroll = await handsOn(used);
  return await measureBlocking(browser, used, () => typeAndScroll("some words typed"));
}

async function opened(browser: Browser, url: string, room: string, newest: number): Promise<number> {
  const context = await browser.newContext({ viewport: VIEW });
  try {
    const visited = await context.newPage();
    await visited.addInitScript(noteOpening, newest);
    await visited.goto(new URL(`r/${room}`, url).href);
    return await openingMs(visited);
  } finally {
    await context.close();
  }
}

/** A page that was there all along, while its server was away and came back with so many more messages. */
async function afterAbsence(
  browser: Browser,
  folder: string,
  server: ReturnType<typeof chatCommand>,
  url: string,
  missed: number,
): Promise<number> {
  const context = await browser.newContext({ viewport: VIEW });
  try {
    const away: Page = await context.newPage();
    await away.addInitScript(noteOpening, HUGE.count);
    // Its own connection, whose welcome can be seen; behind a shared one the wait for it would be counted.
    await away.goto(new URL("r/absence?tabs=off", url).href);
    await away.getByText("Nothing was said here yet").waitFor();
    await server.end();
    await fillRooms(folder, [{ room: "absence", count: missed }]);
    await away.evaluate((newest) => globalThis.opening?.expect(newest), missed);
    await server.start();
    const ms = await openingMs(away);
    const rows = await away.locator(".message").count();
    if (rows > 500) throw new Error(`${rows} rows were drawn after an absence`);
    await away.locator("textarea").fill("usable at once");
    return ms;
  } finally {
    await context.close();
  }
}

function result(scriptBytes: number, rounds: Rounds, missedMs: number, isQuick: boolean): ScenarioResult {
  const of = (which: readonly Blocking[], pick: (blocking: Blocking) => number): number =>
    median(which.map(pick));
  const timesBlank = (pick: (blocking: Blocking) => number): number =>
    of(rounds.busy, pick) / of(rounds.blank, pick);
  const opening = median(rounds.openingMs);
  const [wall, cpu] = [timesBlank((each) => each.worstTaskMs), timesBlank((each) => each.worstTaskCpuMs)];
  // What a person can feel of a task: that a key waits for it.
  const felt = of(rounds.busy, (each) => each.worstInputMs) / of(rounds.blank, (each) => each.worstTaskMs);
  const row = (name: string, which: readonly Blocking[]): readonly string[] => [
    name,
    milliseconds(of(which, (each) => each.worstTaskMs)),
    milliseconds(of(which, (each) => each.worstTaskCpuMs)),
    of(which, (each) => each.longTasks).toFixed(0),
    milliseconds(of(which, (each) => each.worstInputMs)),
  ];
  return {
    name: "page",
    title: "The chat's page in Chromium",
    how:
      `Blocking: a line typed and a way scrolled up and down, on a blank page and in a room of ${BUSY.count.toLocaleString("en")} messages ` +
      `with ${PER_SECOND} more a second, by Chromium's trace of the page's main thread; medians of the rounds' worst, once the server has the room in its search index. ` +
      `Opening: from the welcome's arrival to the frame that shows the newest message, in a room of ${isQuick ? "100,000" : "1,000,000"} messages, while the server makes its index. ` +
      `Absence: the same on a page whose server was away while ${isQuick ? "20,000" : "200,000"} messages came.`,
    table: {
      columns: ["", "worst task", "of a core", "tasks of 50 ms", "worst input"],
      rows: [row("blank page", rounds.blank), row("lively room", rounds.busy)],
    },
    checks: [
      check(
        "script until usable, gzipped",
        `≤ ${kilobytes(MAX_SCRIPT_BYTES)}`,
        kilobytes(scriptBytes),
        scriptBytes <= MAX_SCRIPT_BYTES,
      ),
      check(
        "longest wait of a key beside a blank page's worst task",
        `≤ ${times(MAX_TIMES_BLANK)}`,
        times(felt),
        felt <= MAX_TIMES_BLANK,
      ),
      check(
        "worst task beside a blank page's",
        `≤ ${times(MAX_TIMES_BLANK)}`,
        times(wall),
        wall <= MAX_TIMES_BLANK,
      ),
      check("the same in ms of a core", `≤ ${times(MAX_TIMES_BLANK)}`, times(cpu), cpu <= MAX_TIMES_BLANK),
      check(
        "newest message after the welcome",
        `< ${MAX_OPENING_MS} ms`,
        milliseconds(opening),
        opening < MAX_OPENING_MS,
      ),
      check(
        "the same after the absence",
        `< ${MAX_OPENING_MS} ms`,
        milliseconds(missedMs),
        missedMs < MAX_OPENING_MS,
      ),
    ],
    charts: [],
    rounds: { ...rounds, scriptBytes, missedMs },
  };
}

function check(what: string, target: string, measured: string, isReached: boolean) {
  return { what, target, measured, isReached };
}
