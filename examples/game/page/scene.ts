import { freshPen } from "@parlor/page-parts/page";
import { GEM_RADIUS, HEIGHT, RADIUS, WIDTH } from "../world.ts";
import type { Seen } from "./seen.ts";
import { STICK_PX, type Steering } from "./steering.ts";
import type { Who } from "./who.ts";

/** Below this a player would be too small to see; then the picture follows one's own. */
const LEAST_SCALE = 0.5;

/** Draws what is seen; the colours come from the style sheet. */
export class Scene {
  readonly #canvas: HTMLCanvasElement;
  readonly #style: CSSStyleDeclaration;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#style = getComputedStyle(canvas);
  }

  draw(seen: Seen, whoAt: (slot: number) => Who, mine: number | undefined, stick: Steering["stick"]): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const pen = freshPen(this.#canvas);
    const color = (name: string): string => this.#style.getPropertyValue(`--${name}`);
    const scale = Math.max(LEAST_SCALE, width / WIDTH, height / HEIGHT);
    const [x, y] = seen.players.get(mine ?? -1) ?? [WIDTH / 2, HEIGHT / 2];
    const left = within(x - width / scale / 2, WIDTH - width / scale);
    const top = within(y - height / scale / 2, HEIGHT - height / scale);
    pen.save();
    pen.scale(scale, scale);
    pen.translate(-left, -top);

    pen.fillStyle = color("line");
    for (let gx = 50; gx < WIDTH; gx += 100)
      for (let gy = 50; gy < HEIGHT; gy += 100) pen.fillRect(gx, gy, 3, 3);
    pen.fillStyle = color("gem");
    pen.beginPath();
    for (let at = 0; at < seen.gems.length; at += 2)
      diamond(pen, seen.gems[at] as number, seen.gems[at + 1] as number);
    pen.fill();
    pen.textAlign = "center";
    pen.font = `600 ${Math.max(11 / scale, 15)}px system-ui, sans-serif`;
    for (const [slot, [px, py]] of seen.players) {
      const { hue } = whoAt(slot);
      pen.fillStyle = `oklch(${color("person")} ${hue})`;
      circle(pen, px, py, RADIUS);
      pen.fill();
      if (slot === mine) {
        pen.strokeStyle = color("ink");
        pen.lineWidth = 4;
        circle(pen, px, py, RADIUS + 6);
        pen.stroke();
      }
    }
    // Names lie over everybody, and above whoever is at the lower wall.
    for (const [slot, [px, py]] of seen.players) {
      pen.fillStyle = color(slot === mine ? "ink" : "ink-soft");
      const below = py > HEIGHT - 2 * RADIUS - 10 ? -RADIUS - 10 : RADIUS + 22;
      pen.fillText(slot === mine ? "you" : whoAt(slot).name, px, py + below);
    }
    pen.restore();
    if (stick === null) return;
    pen.strokeStyle = pen.fillStyle = color("accent");
    pen.lineWidth = 2;
    circle(pen, stick.fromX, stick.fromY, STICK_PX);
    pen.stroke();
    circle(pen, stick.x, stick.y, 14);
    pen.fill();
  }
}

function within(value: number, most: number): number {
  return most < 0 ? most / 2 : Math.min(most, Math.max(0, value));
}

function circle(pen: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
}

function diamond(pen: CanvasRenderingContext2D, x: number, y: number): void {
  pen.moveTo(x, y - GEM_RADIUS * 1.4);
  pen.lineTo(x + GEM_RADIUS, y);
  pen.lineTo(x, y + GEM_RADIUS * 1.4);
  pen.lineTo(x - GEM_RADIUS, y);
  pen.closePath();
}
