import { ParlorClient, roomSignals, roomState } from "@parlor/client";
import { type Frame, INPUT_ROOM, NUMBERS, TICK_MS, WORLD_ROOM } from "../frame.ts";
import { Playback, type Seen } from "../playback.ts";
import { Scene } from "./scene.ts";
import { Steering } from "./steering.ts";
import { whoIs } from "./who.ts";

/** So often the newest input is said again though nothing changed: one of them may be lost. */
const REPEAT_MS = 250;
const DELAY_MS = 2 * TICK_MS;

const base = document.querySelector<HTMLMetaElement>("meta[name=parlor-base]")?.content ?? "/";
const element = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;
const canvas = element<HTMLCanvasElement>("arena");

const client = new ParlorClient(new URL(base, location.origin));
const arena = client.room(WORLD_ROOM);
const inputs = roomSignals(client.room(INPUT_ROOM));
const scores = roomState(arena);
const steering = new Steering(canvas);
const scene = new Scene(canvas);
let playback = new Playback(DELAY_MS);

/** When each input was said that no frame has shown yet, by its number. */
const saidAt = new Map<number, number>();
let answerMs: number | null = null;
let frameBytes = 0;

roomSignals(arena).on("signal", ({ body }) => {
  if (element<HTMLInputElement>("lossy").checked && Math.random() < 0.2) return;
  const nowMs = performance.now();
  const frame = body as Frame;
  playback.add(frame, nowMs);
  const [, , players] = frame;
  const mine = mySlot();
  for (let at = 0; at < players.length; at += 4) {
    if (players[at] === mine) answered(players[at + 3] as number, nowMs);
  }
  if (frame[1] % 20 === 0) frameBytes = JSON.stringify(frame).length;
});
scores.on("change", showScores);
client.on("state", showConnection);
arena.subscribe();
canvas.focus({ preventScroll: true });

let number = 0;
let said = "";
let saidMs = 0;
function say(): void {
  const nowMs = performance.now();
  const fill = element<HTMLInputElement>("full").checked ? 50 : 12;
  const now = [...steering.direction, fill];
  // What changed goes at once, but no more often than the world moves.
  if (nowMs < saidMs + (now.join() === said ? REPEAT_MS : TICK_MS - 1)) return;
  number = (number + 1) % NUMBERS;
  // Not connected is no fault: the newest is said again soon.
  if (!inputs.signal([number, ...now])) return;
  saidAt.set(number, nowMs);
  said = now.join();
  saidMs = nowMs;
}
setInterval(say, TICK_MS);
for (const name of ["keydown", "keyup", "pointermove", "pointerup"]) window.addEventListener(name, say);

function answered(newest: number, nowMs: number): void {
  const at = saidAt.get(newest);
  if (at === undefined) return;
  answerMs = nowMs - at;
  for (const [each, eachMs] of saidAt) if (eachMs <= at) saidAt.delete(each);
}

interface Score {
  readonly id: string;
  readonly score: number;
}

function scoreAt(slot: number): Score | undefined {
  return scores.values.get(`${slot}`) as Score | undefined;
}

function mySlot(): number | undefined {
  for (const [slot, value] of scores.values) if ((value as Score).id === client.identity) return Number(slot);
  return undefined;
}

function showScores(): void {
  const best = ([...scores.values.values()] as Score[]).sort((a, b) => b.score - a.score);
  const rows = best.slice(0, 8).map(({ id, score }) => {
    const row = document.createElement("li");
    const { name, hue } = whoIs(id);
    row.style.setProperty("--hue", `${hue}`);
    row.classList.toggle("is-me", id === client.identity);
    row.append(
      id === client.identity ? `${name} (you)` : name,
      Object.assign(document.createElement("b"), { textContent: score }),
    );
    return row;
  });
  element("scores").replaceChildren(...rows);
  element("count").textContent = `${best.length}`;
}

function showConnection(): void {
  const { kind } = client.state;
  element("link").textContent = kind === "open" ? "" : "Reconnecting… The game goes on by itself.";
}

setInterval(() => {
  const { lost, jitterMs } = playback.figures();
  element("answer").textContent = answerMs === null ? "–" : `${Math.round(answerMs)} ms`;
  element("lost").textContent = `${(lost * 100).toFixed(lost > 0 && lost < 0.1 ? 1 : 0)} %`;
  element("jitter").textContent = `${Math.round(jitterMs)} ms`;
  element("behind").textContent = `${playback.delayMs} ms`;
  element("bytes").textContent = frameBytes === 0 ? "–" : `${frameBytes.toLocaleString("en")} B`;
}, 500);

element("smooth").addEventListener("change", ({ target }) => {
  playback = new Playback((target as HTMLInputElement).checked ? DELAY_MS : 0);
});

function draw(): void {
  seen = playback.at(performance.now());
  if (seen !== null) {
    scene.draw(seen, (slot) => whoIs(scoreAt(slot)?.id ?? `${slot}`), mySlot(), steering.stick);
  }
  requestAnimationFrame(draw);
}

let seen: Seen | null = null;
draw();
// For the console: `game.seen` is what was drawn last, `game.slot` who one is.
Object.defineProperties(Object.assign(window, { game: {} }).game, {
  seen: { get: () => seen },
  slot: { get: mySlot },
  tick: { get: () => playback.figures().newestTick },
});
