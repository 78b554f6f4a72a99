import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TICK_MS } from "../frame.ts";
import { type Body, move } from "../world.ts";
import { ownPlayer } from "./own-player.ts";

const START: Body = { x: 500, y: 500, vx: 0, vy: 0 };
const LAG_TICKS = 6;

/** A server `LAG_TICKS` away both ways together; what it has of the player, tick by tick. */
function play(ticks: number, directionAt: (tick: number) => [number, number], bump?: (body: Body) => void) {
  const own = ownPlayer();
  const body = { ...START };
  const said: { readonly number: number; readonly direction: [number, number] }[] = [];
  const told: (Body & { number: number })[] = [{ ...body, number: 0 }];
  const drawn: number[] = [];
  for (let tick = 0; tick < ticks; tick += 1) {
    const nowMs = 1_000 + tick * TICK_MS;
    const heard = told[tick - LAG_TICKS] ?? { ...START, number: 0 };
    own.hear(heard, heard.number, nowMs);
    own.say(directionAt(tick), nowMs, (number) => said.push({ number, direction: directionAt(tick) }) > 0);
    const newest = said.at(-1);
    if (tick === 20) bump?.(body);
    const [x = 0, y = 0] = newest?.direction ?? [];
    move(body, { x: x / 100, y: y / 100 }, TICK_MS / 1_000);
    told.push({ ...body, number: newest?.number ?? 0 });
    for (let ms = 0; ms < TICK_MS; ms += 10) drawn.push(own.at(nowMs + ms)?.x ?? NaN);
  }
  return { own, body, drawn };
}

describe("one's own player", () => {
  test("[GAME-8] it moves with the very input, long before the server can have answered", () => {
    const { drawn, own } = play(4, () => [100, 0]);
    assert.ok((drawn.at(-1) ?? 0) > START.x + 20, `${drawn.at(-1)}`);
    assert.equal(own.answerMs, null);
  });

  test("[GAME-8] it comes to stand where the server has it, and the answer's time is told", () => {
    const { drawn, body, own } = play(80, (tick) => [tick < 30 ? 100 : 0, 0]);
    assert.ok(Math.abs((drawn.at(-1) ?? 0) - body.x) < 0.5);
    assert.equal(own.answerMs, (LAG_TICKS + 1) * TICK_MS);
  });

  test("[GAME-8] where somebody pushed it, it glides there and never jumps", () => {
    const { drawn, body } = play(
      80,
      () => [0, 0],
      (pushed) => (pushed.x += 120),
    );
    const most = Math.max(...drawn.slice(1).map((x, index) => Math.abs(x - (drawn[index] ?? 0))));
    assert.ok(most < 20, `${most} at once`);
    assert.ok(Math.abs((drawn.at(-1) ?? 0) - body.x) < 0.5);
  });
});
