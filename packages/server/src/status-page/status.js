/**
 * The status page: asks for a snapshot each second while somebody looks, and shows it. Rates are the
 * difference of two snapshots. All text goes in as text; nothing of the server is read as HTML.
 */

const SHOWN_SECONDS = 60;
const ASK_EVERY_MS = 1000;
const ASK_TIMEOUT_MS = 5000;
// Two snapshots nearer to each other than this say more of chance than of a rate.
const SHORTEST_SPAN_MS = 500;

const STATES = {
  ready: ["ready", "good"],
  limited: ["reading only", "warn"],
  draining: ["draining", "warn"],
};

const NAME_NOTES = {
  shown: "",
  "key-needed": "Names of rooms are shown to the operator.",
  "key-wrong": "That is not this server's operator key.",
  "local-only":
    "Names of rooms are shown on the server's own machine only. Start it with --operator-key to see them from elsewhere.",
};

const byId = (id) => document.getElementById(id);
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });

const number = (value) => (value < 100_000 ? whole.format(value) : short.format(value));
const rate = (value) => (value > 0 && value < 10 ? value.toFixed(1) : number(Math.round(value)));

function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let rest = value;
  while (rest >= 1000 && unit < units.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  return `${unit === 0 || rest >= 100 ? Math.round(rest) : rest.toFixed(1)} ${units[unit]}`;
}

function span(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.floor(ms / 1000)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 1) return `${minutes} min`;
  const days = Math.floor(hours / 24);
  return days < 1 ? `${hours} h ${minutes % 60} min` : `${days} d ${hours % 24} h`;
}

/** One tile: its newest value, and a line of the last minute. */
class Tile {
  constructor(name) {
    const tile = document.querySelector(`[data-tile="${name}"]`);
    this.value = tile.querySelector("b");
    this.unit = tile.querySelector(".value span");
    this.line = tile.querySelector(".line");
    this.area = tile.querySelector(".area");
    this.points = [];
  }

  show(value, text, unit) {
    this.value.textContent = text;
    if (unit !== undefined) this.unit.textContent = unit;
    this.points.push(value);
    if (this.points.length > SHOWN_SECONDS) this.points.shift();
    // The scale begins at 0, so that a calm line looks calm; the top is a little above the highest.
    const top = Math.max(...this.points, 1e-9) * 1.15;
    const x = (i) => 120 - (this.points.length - 1 - i) * (120 / (SHOWN_SECONDS - 1));
    const y = (point) => 35 - (point / top) * 34;
    const line = this.points.map((point, i) => `${x(i).toFixed(2)},${y(point).toFixed(2)}`).join(" L");
    this.line.setAttribute("d", `M${line}`);
    this.area.setAttribute("d", `M${x(0).toFixed(2)},36 L${line} L120,36 Z`);
  }

  clear() {
    this.points = [];
  }
}

const tiles = Object.fromEntries(
  ["connections", "deliveries", "publishes", "sent", "memory", "delay"].map((name) => [name, new Tile(name)]),
);

/** Puts rows of cells into a table; a cell is a text, or a text with a class, or a share drawn as a bar. */
function fill(table, rows) {
  const body = table.tBodies[0];
  body.replaceChildren(
    ...rows.map(([head, ...cells]) => {
      const row = document.createElement("tr");
      const th = document.createElement("th");
      th.scope = "row";
      th.textContent = head;
      th.title = head;
      row.append(th, ...cells.map(cell));
      return row;
    }),
  );
}

function cell(content) {
  const td = document.createElement("td");
  if (typeof content === "string") {
    td.textContent = content;
  } else if ("share" in content) {
    td.className = "bar";
    const bar = document.createElement("i");
    bar.style.width = `${(content.share * 100).toFixed(1)}%`;
    if (content.share > 0) td.append(bar);
  } else {
    td.textContent = content.text;
    td.className = content.className;
  }
  return td;
}

const alarming = (count) => (count > 0 ? { text: number(count), className: "alarm" } : number(count));

function showState(text, tone) {
  const state = byId("state");
  // A status that is set again is read aloud again.
  if (state.textContent !== text) state.textContent = text;
  state.dataset.tone = tone;
}

function showTiles(now, before) {
  const { connections, totals } = now;
  const of = connections.max < 1_000_000 ? `of ${number(connections.max)}` : "open";
  tiles.connections.show(connections.total, number(connections.total), of);
  if (now.residentBytes !== null) tiles.memory.show(now.residentBytes, bytes(now.residentBytes));
  if (now.eventLoopDelay !== null) {
    const { p99Ms, maxMs } = now.eventLoopDelay;
    tiles.delay.show(p99Ms, `${p99Ms.toFixed(1)} ms`);
    tiles.delay.value.title = `The worst in this second was ${maxMs.toFixed(1)} ms.`;
  }
  if (before === null) return;
  const seconds = (now.uptimeMs - before.uptimeMs) / 1000;
  const perSecond = (name) => (totals[name] - before.totals[name]) / seconds;
  tiles.deliveries.show(perSecond("messagesDelivered"), rate(perSecond("messagesDelivered")));
  tiles.publishes.show(perSecond("published"), rate(perSecond("published")));
  tiles.sent.show(perSecond("bytesOut"), bytes(perSecond("bytesOut")));
}

function showTables(now) {
  const { connections, subscriptions, totals, log } = now;
  const transports = Object.entries(connections.byTransport);
  const most = Math.max(1, ...transports.map(([, count]) => count));
  fill(
    byId("transports"),
    transports.map(([name, count]) => [name, { share: count / most }, number(count)]),
  );
  fill(byId("readers"), [
    ["Live", number(subscriptions.live)],
    ["Catching up from the log", number(subscriptions.catchingUp)],
    ["Slow readers", alarming(connections.slowReaders)],
    ["Waiting unsent", bytes(now.sendBufferBytes)],
    ["Closed as slow, since start", number(totals.slowCloses)],
    ["Told of a lost stretch, since start", alarming(totals.lost)],
  ]);
  const isReady = log.kind === "ready";
  fill(byId("log"), [
    ["State", isReady ? "ready" : { text: log.kind, className: "alarm" }],
    ...("message" in log ? [["Why", { text: log.message, className: "long" }]] : []),
    ["Stored, since start", number(totals.published)],
    ["Sent again and found stored", number(totals.duplicates)],
    ["Reads for catch-up", number(totals.catchUpReads)],
  ]);
  const refused = [
    ...Object.entries(totals.refused),
    ...Object.entries(totals.connectionsRefused).map(([reason, count]) => [`connection: ${reason}`, count]),
  ].sort((a, b) => b[1] - a[1]);
  fill(
    byId("refused"),
    refused.map(([code, count]) => [code, number(count)]),
  );
  byId("nothing-refused").hidden = refused.length > 0;
}

function showRooms({ open, names, list }) {
  byId("rooms-open").textContent = number(open);
  const note =
    names === "shown" && open > list.length
      ? `The ${list.length} with the most subscriptions.`
      : NAME_NOTES[names];
  byId("rooms-note").textContent = note;
  byId("rooms-note").hidden = note === "";
  byId("key-form").hidden = names !== "key-needed" && names !== "key-wrong";
  byId("rooms").hidden = list.length === 0;
  fill(
    byId("rooms"),
    list.map((room) => [
      room.room,
      number(room.subscriptions),
      number(room.catchingUp),
      whole.format(room.head),
    ]),
  );
}

let before = null;
// Kept in this page only, and gone with it.
let operatorKey = null;

function show(now) {
  // Another worker, or a smaller uptime, is another process: its numbers have nothing to do with those before.
  if (before !== null && (now.uptimeMs < before.uptimeMs || now.worker !== before.worker)) {
    before = null;
    for (const tile of Object.values(tiles)) tile.clear();
  }
  showState(...STATES[now.state]);
  showTables(now);
  showRooms(now.rooms);
  const about = `version ${now.version} · up ${span(now.uptimeMs)}`;
  byId("about").textContent =
    now.worker === null ? about : `${about} · worker ${now.worker}, whose own numbers these are`;
  if (before !== null && now.uptimeMs - before.uptimeMs < SHORTEST_SPAN_MS) return;
  showTiles(now, before);
  before = now;
}

async function ask() {
  const headers = { accept: "application/json" };
  if (operatorKey !== null) headers.authorization = `Bearer ${operatorKey}`;
  const response = await fetch("status", {
    headers,
    cache: "no-store",
    signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.json();
}

async function refresh() {
  const trouble = byId("trouble");
  try {
    show(await ask());
    trouble.hidden = true;
  } catch (error) {
    showState("no answer", "bad");
    trouble.textContent = `The server gives no answer (${error.message}). The numbers below are the last it gave; this page keeps trying.`;
    trouble.hidden = false;
  }
}

byId("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  // Only what can stand in a header; anything else is no key anyway.
  const typed = byId("key").value.replace(/[^!-~]/g, "");
  operatorKey = typed === "" ? null : typed;
  byId("key").value = "";
  askNow();
});

/** Ends the pause between two questions. */
let askNow = () => {};

/** One question at a time, a second after the last was answered, and none while nobody looks. */
async function run() {
  for (;;) {
    if (document.hidden) {
      await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
      continue;
    }
    await refresh();
    await new Promise((resolve) => {
      askNow = resolve;
      // oxlint-disable-next-line eslint/no-restricted-globals -- a page's own clock is the browser's
      setTimeout(resolve, ASK_EVERY_MS);
    });
  }
}

void run();
