import {
  blocksUpgrades,
  buffersResponses,
  CHROMIUM_ARGS,
  findProgram,
  startProxy,
  swallowsFrames,
  type ProxyFault,
} from "@parlor/testkit";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { buildPages } from "../first-message/build-pages.ts";
import { type GreeterName, startGreeter } from "../first-message/greeters.ts";
import type { Heard } from "../first-message/pages/measured.ts";
import { Scratch } from "../processes/scratch.ts";
import type { Bench, Check, ScenarioResult } from "./bench.ts";
import { median, rotated } from "./median.ts";
import { milliseconds, times } from "./words.ts";

/** A library in a page, and the server that it speaks to. */
interface Library {
  readonly label: string;
  readonly page: string;
  readonly server: GreeterName;
}

const PARLOR: Library = { label: "Parlor", page: "parlor", server: "parlor" };
const SOCKET_IO: Library = { label: "Socket.IO", page: "socket-io", server: "socket.io" };
const SOCKET_IO_WEBSOCKET: Library = {
  label: "Socket.IO, WebSocket first",
  page: "socket-io-websocket-first",
  server: "socket.io",
};
const PARTYSOCKET: Library = { label: "partysocket", page: "partysocket", server: "ws" };
const LIBRARIES = [PARLOR, SOCKET_IO, SOCKET_IO_WEBSOCKET, PARTYSOCKET];
/** No library, and no rival: what is left of the time cannot be the client's. */
const LEAST: Library = { label: "the least that Parlor's protocol asks", page: "least", server: "parlor" };

/** What stands between the page and the server. */
interface Network {
  readonly name: string;
  readonly faults: readonly ProxyFault[];
  readonly libraries: readonly Library[];
}

const BLACK_HOLE = "black-holed";
const NETWORKS: readonly Network[] = [
  { name: "working", faults: [], libraries: [...LIBRARIES, LEAST] },
  { name: "blocked", faults: [blocksUpgrades()], libraries: LIBRARIES },
  { name: BLACK_HOLE, faults: [swallowsFrames()], libraries: LIBRARIES },
  // As an old proxy does: no upgrade gets through either.
  {
    name: "buffered",
    faults: [blocksUpgrades("drop-header"), buffersResponses()],
    libraries: LIBRARIES,
  },
];

const MIN_ROUNDS = 9;
/** Socket.IO gives up a WebSocket that is silent after 20 s. */
const PATIENCE_MS = 25_000;
/** Who never heard anything is asked so often: once more would say the same. */
const MAX_SILENT_ROUNDS = 2;
const MAX_TIMES_BEST = 1.15;
const MIN_TIMES_FASTER = 5;

type Visit = "first" | "again";
const VISITS: readonly Visit[] = ["first", "again"];

/** Of one library in one network: each round's time to the first message, ms; Infinity for never. */
interface Times {
  readonly first: number[];
  readonly again: number[];
  transport: string;
}

/** How soon a page hears its first message, with what stands between it and the server. */
export async function firstMessage(bench: Bench): Promise<ScenarioResult> {
  const networks = NETWORKS.filter(({ name }) => bench.part === null || name === bench.part);
  if (networks.length === 0)
    throw new Error(`--part takes one of ${NETWORKS.map(({ name }) => name).join(", ")}.`);
  const rounds = bench.isQuick ? 3 : Math.max(MIN_ROUNDS, bench.rounds);
  const scripts = await buildPages([...LIBRARIES, LEAST].map(({ page }) => page));
  const browser = await chromium.launch({
    executablePath: findProgram("chromium"),
    args: [...CHROMIUM_ARGS],
  });
  const all = new Map<Network, Map<Library, Times>>();
  try {
    for (const network of networks) {
      all.set(network, await measureNetwork(bench, browser, network, scripts, rounds));
    }
  } finally {
    await browser.close();
  }
  return result(all, rounds);
}

async function measureNetwork(
  bench: Bench,
  browser: Browser,
  network: Network,
  scripts: ReadonlyMap<string, Uint8Array>,
  rounds: number,
): Promise<Map<Library, Times>> {
  const measured = new Map<Library, Times>(
    network.libraries.map((each) => [each, { first: [], again: [], transport: "" }]),
  );
  await using stack = new AsyncDisposableStack();
  const origins = new Map<Library, string>();
  for (const library of network.libraries) {
    const { folder } = stack.use(new Scratch());
    const greeter = stack.use(await startGreeter(library.server, { page: library.page, scripts, folder }));
    const proxy = stack.use(await startProxy({ upstreamPort: greeter.port, faults: network.faults }));
    origins.set(library, `http://127.0.0.1:${proxy.port}/`);
  }
  for (let round = 0; round < rounds; round++) {
    for (const library of rotated(network.libraries, round)) {
      const own = measured.get(library) as Times;
      const silent = own.first.filter((ms) => ms === Infinity).length;
      if (silent >= MAX_SILENT_ROUNDS && silent === own.first.length) continue;
      const context = await browser.newContext();
      try {
        for (const visit of VISITS) {
          const { ms, transport } = await hear(context, origins.get(library) as string);
          own[visit].push(ms);
          own.transport = transport;
          if (ms === Infinity) break;
        }
      } finally {
        await context.close();
      }
    }
  }
  for (const [{ label }, { first, again, transport }] of measured) {
    const shown = [first, again].map((each) => shownMs(median(each))).join(", again ");
    bench.say(`  ${network.name}, ${label}: ${shown}${transport && ` over ${transport}`}`);
  }
  return measured;
}

/** A visit: the page loads, then connects. */
async function hear(context: BrowserContext, origin: string): Promise<Heard> {
  const page: Page = await context.newPage();
  try {
    await page.goto(origin);
    await page.waitForFunction(() => globalThis.firstMessage !== undefined);
    return await page.evaluate(
      (patienceMs) =>
        Promise.race([
          (globalThis.firstMessage as () => Promise<Heard>)(),
          new Promise<Heard>((resolve) => {
            setTimeout(() => resolve({ ms: Infinity, transport: "" }), patienceMs);
          }),
        ]),
      PATIENCE_MS,
    );
  } finally {
    await page.close();
  }
}

function shownMs(ms: number): string {
  if (Number.isNaN(ms)) return "–";
  return ms === Infinity ? "never" : milliseconds(ms);
}

function result(all: ReadonlyMap<Network, ReadonlyMap<Library, Times>>, rounds: number): ScenarioResult {
  const of = (network: Network, library: Library, visit: Visit): number => {
    const values = all.get(network)?.get(library)?.[visit] ?? [];
    return values.length === 0 ? Infinity : median(values);
  };
  const rivals = LIBRARIES.filter((each) => each !== PARLOR);
  // Of each round by itself: what else the machine does meanwhile meets all of it, and so cancels out.
  const besideBest = (network: Network, visit: Visit): number => {
    const inRound = (library: Library, round: number): number =>
      all.get(network)?.get(library)?.[visit][round] ?? Infinity;
    const ratios = Array.from({ length: rounds }, (_, round) => {
      return inRound(PARLOR, round) / Math.min(...rivals.map((each) => inRound(each, round)));
    });
    return median(ratios);
  };
  const networks = [...all.keys()];
  const checks = networks.flatMap((network) =>
    VISITS.map((visit): Check => {
      const ratio = besideBest(network, visit);
      return {
        what: `${network.name}, ${visit === "first" ? "first visit" : "coming back"}: beside the best of the others`,
        target: `≤ ${MAX_TIMES_BEST} ×`,
        measured: times(ratio),
        isReached: ratio <= MAX_TIMES_BEST,
      };
    }),
  );
  const hole = networks.filter(({ name }) => name === BLACK_HOLE);
  const faster = (hole: Network, library: Library): Check => {
    const ratio = of(hole, library, "first") / of(hole, PARLOR, "first");
    return {
      what: `${hole.name}, first visit: ${library.label} takes so many times as long`,
      target: `≥ ${MIN_TIMES_FASTER} ×`,
      measured: ratio === Infinity ? "it never hears anything" : times(ratio),
      isReached: ratio >= MIN_TIMES_FASTER,
    };
  };
  return {
    name: "first-message",
    title: "From making a client to its first message, in Chromium",
    how:
      `Medians of ${rounds} rounds in which the libraries take turns; a visitor with nothing remembered, then the same one again. ` +
      `"never" is nothing within ${PATIENCE_MS / 1_000} s. Beside the best: the median of what each round gives. Buffered is a proxy that passes no upgrade on and holds answers until they are complete. ` +
      `"over" is what carried that message; a page that leaves so early has not learned what carries the next ones. ` +
      "The least is a page without a library: it reads its key, makes a WebSocket with the opening and looks for the message. " +
      "By default Socket.IO begins with polling, which no black hole for WebSockets touches, so nothing can be five times " +
      "as fast there. With its WebSocket first it never comes to its polling where the upgrade is answered and nothing " +
      "follows: looked at once for 90 s, it made four WebSockets and not one poll.",
    table: {
      columns: ["network", "library", "first visit", "coming back", "over"],
      rows: networks.flatMap((network) =>
        network.libraries.map((library) => [
          network.name,
          library.label,
          ...VISITS.map((visit) => shownMs(of(network, library, visit))),
          all.get(network)?.get(library)?.transport ?? "",
        ]),
      ),
    },
    checks: [
      ...checks,
      ...hole.flatMap((each) => [faster(each, SOCKET_IO), faster(each, SOCKET_IO_WEBSOCKET)]),
    ],
    charts: networks.map((network) => ({
      title: `Time to the first message, first visit, WebSocket ${network.name}`,
      bars: LIBRARIES.filter((each) => of(network, each, "first") !== Infinity).map((library) => {
        const value = of(network, library, "first");
        return { label: library.label, value, shown: shownMs(value) };
      }),
    })),
    rounds: Object.fromEntries(
      [...all].map(([{ name }, measured]) => [
        name,
        Object.fromEntries([...measured].map(([{ label }, found]) => [label, found])),
      ]),
    ),
  };
}
