import { ParlorClient, roomSignals, roomState } from "@parlor/client";
import { Playback, placesBetween } from "@parlor/client/play";
import { BadLine } from "@parlor/page-parts/bad-line";
import { showBoard, type Standing } from "@parlor/page-parts/board";
import { element, PARLOR, showLink, tell } from "@parlor/page-parts/page";
import { Steering } from "@parlor/page-parts/steering";
import { whoIs } from "@parlor/page-parts/who";
import { type Frame, type FramePlayer, INPUT_ROOM, playersOf, TICK_MS, WORLD_ROOM } from "../frame.ts";
import { ownPlayer } from "./own-player.ts";
import { Scene, type Seen } from "./scene.ts";

const FAR_MS = 100;
/** Whoever moves further than this in one tick was put somewhere else, and does not fly there. */
const LEAP = 150;
const isOn = (id: string): boolean => element<HTMLInputElement>(id).checked;

const line = new BadLine();
const client = new ParlorClient(PARLOR, { webSocket: line.webSocket });
const arena = client.room(WORLD_ROOM);
const inputs = roomSignals(client.room(INPUT_ROOM));
/** By slot. */
const scores = roomState(arena);
const canvas = element<HTMLCanvasElement>("arena");
const steering = new Steering(canvas);
const scene = new Scene(canvas);

let others = new Playback<Frame>({ tickMs: TICK_MS });
let player = ownPlayer();
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
    player = ownPlayer();
  }
  newest = frame;
  others.add(frame[1], frame, nowMs);
  told = playersOf(frame).get(mySlot() ?? -1);
  if (told !== undefined) player.hear(told, told.number, nowMs);
});

// Up: an input a tick. Not connected is no fault: the next one is said soon.
steering.tick(TICK_MS, () => {
  const direction = steering.direction;
  const fill = isOn("full") ? 50 : 12;
  player.say(direction, performance.now(), (number) => inputs.signal([number, ...direction, fill]));
});

// On the screen: the others as they were a moment ago, oneself as it will be.
let seen: Seen | null = null;
function draw(): void {
  requestAnimationFrame(draw);
  const nowMs = performance.now();
  const played = others.at(nowMs);
  if (played === null) return;
  const players = placesBetween(played, playersOf, LEAP);
  const slot = mySlot();
  const at = player.at(nowMs);
  if (isOn("predict") && slot !== undefined && at !== null && players.has(slot)) players.set(slot, at);
  seen = { players, gems: (played.part < 1 ? played.from : played.to)[3] };
  steering.draw(scene.draw(seen, (each) => whoIs(scoreAt(each)?.id ?? `${each}`), slot));
}

function scoreAt(slot: number): Standing | undefined {
  return scores.values.get(`${slot}`) as Standing | undefined;
}

function mySlot(): number | undefined {
  const mine = [...scores.values].find(([, value]) => (value as Standing).id === client.identity);
  return mine === undefined ? undefined : Number(mine[0]);
}

scores.on("change", () => {
  showBoard(scores.values.values() as Iterable<Standing>, client.identity);
  tell({ count: `${scores.values.size}` });
});

setInterval(() => {
  const { lost, jitterMs } = others.figures();
  tell({
    answer: player.answerMs === null ? "–" : `${Math.round(player.answerMs)} ms`,
    lost: `${(lost * 100).toFixed(lost > 0 && lost < 0.1 ? 1 : 0)} %`,
    jitter: `${Math.round(jitterMs)} ms`,
    behind: `${others.delayMs} ms`,
    bytes: newest === null ? "–" : `${JSON.stringify(newest).length.toLocaleString("en")} B`,
  });
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
