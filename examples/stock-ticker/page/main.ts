import { ParlorClient, roomPresence, roomState } from "@parlor/client";
import { type ConflationFigures, makersClock } from "@parlor/client/figures";
import { BadLine } from "@parlor/page-parts/bad-line";
import { drawLines } from "@parlor/page-parts/lines";
import { element, PARLOR, showLink, tell } from "@parlor/page-parts/page";
import { type Price, PRICES_ROOM } from "../price.ts";
import { readingOf } from "../reading.ts";
import { type Quote, Table } from "./table.ts";

const SAMPLE_MS = 500;
const SAMPLES = 60;
/** What the chart of the chosen symbol shows, ms. */
const CHART_MS = 15_000;
const CHART_EVERY_MS = 50;

const serverClock = makersClock();

/** The prices as one connection has them. */
class Reader {
  readonly client: ParlorClient;
  readonly room;
  readonly values: ReadonlyMap<string, Price>;
  readonly reading = readingOf(serverClock);
  /** Of the chosen symbol, as it came. */
  points: [atMs: number, cents: number][] = [];
  updates = 0;

  constructor(client: ParlorClient, onChange: (symbol: string, cents: number) => void = () => undefined) {
    this.client = client;
    this.room = client.room(PRICES_ROOM);
    const state = roomState(this.room);
    this.values = state.values as ReadonlyMap<string, Price>;
    state.on("change", (changed) => {
      const changes = changed as ReadonlyMap<string, Price | undefined>;
      const nowMs = Date.now();
      this.updates += 1;
      this.reading.take(changes, nowMs);
      for (const [symbol, price] of changes) {
        if (price === undefined) continue;
        if (symbol === chosen) this.points.push([nowMs, price[0]]);
        onChange(symbol, price[0]);
      }
    });
  }
}

const line = new BadLine(16_000);
const slow = new Reader(new ParlorClient(PARLOR, { transports: ["websocket"], webSocket: line.webSocket }));
const quotes = new Map<string, Quote>();
let chosen = "AAA";
const table = new Table(element("rows"), choose);
const quick = new Reader(new ParlorClient(PARLOR), (symbol, cents) => {
  const quote = quotes.get(symbol);
  if (quote === undefined) {
    quotes.set(symbol, { symbol, cents, firstCents: cents, history: [] });
    isSorted = false;
  } else if (cents !== quote.cents) {
    const way = cents < quote.cents ? "down" : "up";
    quote.cents = cents;
    table.changed(quote, way);
  }
});
// Who is present is why prices move at all. The slow one only looks on.
const watching = roomPresence(quick.room);
for (const { room } of [quick, slow]) room.subscribe();
showLink(quick.client, "Prices go on by themselves.");

function choose(symbol: string): void {
  if (symbol !== chosen) for (const reader of [quick, slow]) reader.points = [];
  chosen = symbol;
  element("chosen").textContent = symbol;
  show();
}

type Order = "symbol" | "price" | "change";
let order: Order = "symbol";
let isDescending = false;
let isSorted = false;

function show(): void {
  const wanted = element<HTMLInputElement>("filter").value.trim().toUpperCase();
  const shown = [...quotes.values()].filter(({ symbol }) => symbol.includes(wanted));
  const worth = ({ cents, firstCents }: Quote): number => (order === "price" ? cents : cents / firstCents);
  shown.sort((a, b) => (order === "symbol" ? (a.symbol < b.symbol ? -1 : 1) : worth(a) - worth(b)));
  if (isDescending) shown.reverse();
  isSorted = true;
  table.show(shown, chosen);
  element("empty").hidden = shown.length > 0 || quotes.size === 0;
}

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-order]")) {
  button.addEventListener("click", () => {
    const next = button.dataset["order"] as Order;
    // Numbers are looked at from the top.
    isDescending = order === next ? !isDescending : next !== "symbol";
    order = next;
    for (const each of document.querySelectorAll<HTMLButtonElement>("[data-order]")) {
      const sort = each !== button ? "none" : isDescending ? "descending" : "ascending";
      each.parentElement?.setAttribute("aria-sort", sort);
    }
    show();
  });
}
element("filter").addEventListener("input", show);
element("width").addEventListener("change", ({ target }) => {
  line.bytesPerSecond = Number((target as HTMLSelectElement).value);
});

function showFigures(name: string, { received, conflated, ageMs }: ConflationFigures): void {
  const age =
    ageMs === null ? "–" : ageMs < 1_000 ? `${Math.round(ageMs)} ms` : `${(ageMs / 1_000).toFixed(1)} s`;
  tell({
    [`${name}-received`]: `${Math.round(received).toLocaleString("en")}/s`,
    [`${name}-conflated`]: `${(conflated * 100).toFixed(0)} %`,
    [`${name}-age`]: age,
  });
}

let lastBytes = 0;
setInterval(() => {
  const nowMs = Date.now();
  for (const { history, cents } of quotes.values()) {
    history.push([nowMs, cents]);
    if (history.length > SAMPLES) history.shift();
  }
  table.aged();
  // What is sorted by numbers moves once in a while, not under one's finger all the time.
  if (order !== "symbol") show();
  showFigures("quick", quick.reading.figures(nowMs));
  showFigures("slow", slow.reading.figures(nowMs));
  element("slow-bytes").textContent = `${((line.bytes - lastBytes) / SAMPLE_MS).toFixed(1)} KB/s`;
  lastBytes = line.bytes;
  element("watching").textContent = `${watching.count}`;
}, SAMPLE_MS);

const chart = element<HTMLCanvasElement>("chart");
let drawnMs = 0;
function draw(): void {
  requestAnimationFrame(draw);
  const nowMs = Date.now();
  if (!isSorted) show();
  table.draw(nowMs);
  if (nowMs < drawnMs + CHART_EVERY_MS) return;
  drawnMs = nowMs;
  const style = getComputedStyle(chart);
  const lines = (
    [
      ["slow", slow],
      ["quick", quick],
    ] as const
  ).map(([name, { points }]) => {
    while ((points[1]?.[0] ?? Infinity) < nowMs - CHART_MS) points.shift();
    return { points, color: style.getPropertyValue(`--${name}`) };
  });
  drawLines(chart, lines, nowMs - CHART_MS, nowMs);
}

choose(chosen);
draw();
// For the console: `ticker.quick.values` are the prices, `ticker.slow.values` what the narrow line has of them.
Object.assign(window, { ticker: { quick, slow, line } });
