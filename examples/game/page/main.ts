import { ParlorClient, roomSignals, roomState } from "@parlor/client";
import { Playback } from "@parlor/client/play";
import { BadLine } from "@parlor/page-parts/bad-line";
import { element, PARLOR, showLink } from "@parlor/page-parts/page";
import { type Frame, type FramePlayer, INPUT_ROOM, playersOf, TICK_MS, WORLD_ROOM } from "../frame.ts";
import { OwnPlayer } from "./own-player.ts";
import { Scene } from "./scene.ts";
import { between, type Seen } from "./seen.ts";
import { Steering } from "./steering.ts";
import { whoIs } from "./who.ts";

const FAR_MS = 100;
const isOn = (id: string): boolean => element<HTMLInputElement>(id).checked;

const line = new BadLine();
const client = new ParlorClient(PARLOR, { webSocket: line.webSocket });
const arena = client.room(WORLD_ROOM);
const inputs = roomSignals(client.room(INPUT_ROOM));
const scores = roomState(arena);
const canvas = element<HTMLCanvasElement>("arena");
const steering = new Steering(canvas);
const scene = new Scene(canvas);

let others = new Playback<Frame>({ tickMs: TICK_MS });
let player = new OwnPlayer();
let newest: Frame | null = null;
/** Where the server has one's own player. */
let told: FramePlayer | undefined;

// Down: twenty frames a second.
roomSignals(arena).on("signal", ({ body }) => {
  if (isOn("lossy") && Math.random() < 0.2) return;
  const frame = body as Frame;
  const nowMs = performance.now();
  if (frame[0] !== newest?.[0]) {
    others.clear();
    player = new OwnPlayer();
  }
  newest = frame;
  others.add(frame[1], frame, nowMs);
  told = playersOf(frame).get(mySlot() ?? -1);
  if (told !== undefined) player.hear(told, nowMs);
});

// Up: an input a tick. Not connected is no fault: the next one is said soon.
function say(): void {
  const direction = steering.direction;
  const fill = isOn("full") ? 50 : 12;
  player.say(direction, performance.now(), (number) => inputs.signal([number, ...direction, fill]));
}
let ticks = setInterval(say, TICK_MS);
// What is pressed or let go is said at once, and the ticks go on from there.
for (const name of ["keydown", "keyup", "pointerdown", "pointerup"]) {
  addEventListener(name, (event) => {
    if (event instanceof KeyboardEvent && event.repeat) return;
    clearInterval(ticks);
    ticks = setInterval(say, TICK_MS);
    say();
  });
}

// On the screen: the others as they were a moment ago, oneself as it will be.
let seen: Seen | null = null;
function draw(): void {
  const nowMs = performance.now();
  const played = others.at(nowMs);
  seen = played === null ? null : between(played);
  const slot = mySlot();
  const at = player.at(nowMs);
  if (isOn("predict") && slot !== undefined && at !== null && seen?.players.has(slot) === true) {
    seen.players.set(slot, at);
  }
  if (seen !== null) scene.draw(seen, (each) => whoIs(scoreAt(each)?.id ?? `${each}`), slot, steering.stick);
  requestAnimationFrame(draw);
}

interface Score {
  readonly id: string;
  readonly score: number;
}

function scoreAt(slot: number): Score | undefined {
  return scores.values.get(`${slot}`) as Score | undefined;
}

function mySlot(): number | undefined {
  const mine = [...scores.values].find(([, value]) => (value as Score).id === client.identity);
  return mine === undefined ? undefined : Number(mine[0]);
}

const BOARD = 8;
scores.on("change", () => {
  const best = ([...scores.values.values()] as Score[]).sort((a, b) => b.score - a.score);
  const mine = best.findIndex(({ id }) => id === client.identity);
  // Oneself is always on it.
  const shown = best.slice(0, BOARD);
  const own = best[mine];
  if (mine >= BOARD && own !== undefined) shown[BOARD - 1] = own;
  const rows = shown.map((each) => {
    const row = document.createElement("li");
    const { name, hue } = whoIs(each.id);
    row.style.setProperty("--hue", `${hue}`);
    row.classList.toggle("is-me", each === own);
    const points = Object.assign(document.createElement("b"), { textContent: each.score });
    row.append(`${best.indexOf(each) + 1}. ${each === own ? `${name} (you)` : name}`, points);
    return row;
  });
  element("scores").replaceChildren(...rows);
  element("count").textContent = `${best.length}`;
});

setInterval(() => {
  const { lost, jitterMs } = others.figures();
  const bytes = newest === null ? 0 : JSON.stringify(newest).length;
  const figures = {
    answer: player.answerMs === null ? "–" : `${Math.round(player.answerMs)} ms`,
    lost: `${(lost * 100).toFixed(lost > 0 && lost < 0.1 ? 1 : 0)} %`,
    jitter: `${Math.round(jitterMs)} ms`,
    behind: `${others.delayMs} ms`,
    bytes: bytes === 0 ? "–" : `${bytes.toLocaleString("en")} B`,
  };
  for (const [id, text] of Object.entries(figures)) element(id).textContent = text;
}, 500);

element("smooth").addEventListener("change", () => {
  others = new Playback<Frame>({ tickMs: TICK_MS, delayMs: isOn("smooth") ? 2 * TICK_MS : 0 });
});
element("far").addEventListener("change", () => (line.delayMs = isOn("far") ? FAR_MS : 0));

showLink(client, "The game goes on by itself.");
arena.subscribe();
canvas.focus({ preventScroll: true });
draw();
// For the console: `game.seen` is what was drawn last, `game.slot` who one is, `game.told` where the server has it.
Object.defineProperties(Object.assign(window, { game: {} }).game, {
  seen: { get: () => seen },
  slot: { get: mySlot },
  told: { get: () => told },
  tick: { get: () => others.figures().newestTick },
});
