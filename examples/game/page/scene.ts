import { viewOf } from "@parlor/page-parts/camera";
import { circle, freshPen } from "@parlor/page-parts/page";
import type { Who } from "@parlor/page-parts/who";
import type { Place } from "@parlor/client/play";
import { GEM_RADIUS, HEIGHT, RADIUS, WIDTH } from "../world.ts";

/** Below this a player would be too small to see; then the picture follows one's own. */
const LEAST_SCALE = 0.5;

/** What is drawn. */
export interface Seen {
  /** By slot. */
  readonly players: Map<number, Place>;
  /** x, y of each. */
  readonly gems: readonly number[];
}

/** Draws what is seen; the colours come from the style sheet. */
export class Scene {
  readonly #canvas: HTMLCanvasElement;
  readonly #style: CSSStyleDeclaration;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#style = getComputedStyle(canvas);
  }

  /** @returns The pen, for what lies over it. */
  draw(seen: Seen, whoAt: (slot: number) => Who, mine: number | undefined): CanvasRenderingContext2D {
    const pen = freshPen(this.#canvas);
    const color = (name: string): string => this.#style.getPropertyValue(`--${name}`);
    const at = seen.players.get(mine ?? -1) ?? { x: WIDTH / 2, y: HEIGHT / 2 };
    const { scale, left, top } = viewOf(this.#canvas, { width: WIDTH, height: HEIGHT }, at, LEAST_SCALE);
    pen.save();
    pen.scale(scale, scale);
    pen.translate(-left, -top);

    pen.fillStyle = color("line");
    for (let gx = 50; gx < WIDTH; gx += 100)
      for (let gy = 50; gy < HEIGHT; gy += 100) pen.fillRect(gx, gy, 3, 3);
    pen.fillStyle = color("gem");
    pen.beginPath();
    for (let gem = 0; gem < seen.gems.length; gem += 2)
      diamond(pen, seen.gems[gem] as number, seen.gems[gem + 1] as number);
    pen.fill();
    pen.textAlign = "center";
    pen.font = `600 ${Math.max(11 / scale, 15)}px system-ui, sans-serif`;
    for (const [slot, { x, y }] of seen.players) {
      const { hue } = whoAt(slot);
      pen.fillStyle = `oklch(${color("person")} ${hue})`;
      circle(pen, x, y, RADIUS);
      pen.fill();
      if (slot === mine) {
        pen.strokeStyle = color("ink");
        pen.lineWidth = 4;
        circle(pen, x, y, RADIUS + 6);
        pen.stroke();
      }
    }
    // Names lie over everybody, and above whoever is at the lower wall.
    for (const [slot, { x, y }] of seen.players) {
      pen.fillStyle = color(slot === mine ? "ink" : "ink-soft");
      const below = y > HEIGHT - 2 * RADIUS - 10 ? -RADIUS - 10 : RADIUS + 22;
      pen.fillText(slot === mine ? "you" : whoAt(slot).name, x, y + below);
    }
    pen.restore();
    pen.strokeStyle = pen.fillStyle = color("accent");
    return pen;
  }
}

function diamond(pen: CanvasRenderingContext2D, x: number, y: number): void {
  pen.moveTo(x, y - GEM_RADIUS * 1.4);
  pen.lineTo(x + GEM_RADIUS, y);
  pen.lineTo(x, y + GEM_RADIUS * 1.4);
  pen.lineTo(x - GEM_RADIUS, y);
  pen.closePath();
}
