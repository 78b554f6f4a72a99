import { circle } from "./page.ts";

const KEYS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  KeyA: [-1, 0],
  KeyD: [1, 0],
  KeyW: [0, -1],
  KeyS: [0, 1],
};

/** How far a finger moves for full speed, CSS pixels. */
const STICK_PX = 44;

/** Where somebody steers, by arrows or WASD, or by a finger anywhere on the canvas. */
export class Steering {
  /** Where the finger went down and where it is, in the canvas; null while there is none. */
  #stick: { readonly fromX: number; readonly fromY: number; x: number; y: number } | null = null;
  readonly #held = new Set<string>();

  constructor(canvas: HTMLCanvasElement) {
    canvas.addEventListener("keydown", (event) => {
      if (!(event.code in KEYS) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.#held.add(event.code);
    });
    // A key that is let go elsewhere is let go, too.
    addEventListener("keyup", (event) => this.#held.delete(event.code));
    const letGo = (): void => {
      this.#held.clear();
      this.#stick = null;
    };
    for (const name of ["blur", "visibilitychange"]) addEventListener(name, letGo);
    for (const name of ["blur", "pointerup", "pointercancel"]) canvas.addEventListener(name, letGo);
    canvas.addEventListener("pointerdown", ({ pointerId, offsetX: x, offsetY: y }) => {
      canvas.setPointerCapture(pointerId);
      this.#stick = { fromX: x, fromY: y, x, y };
    });
    canvas.addEventListener("pointermove", ({ offsetX, offsetY }) => {
      if (this.#stick !== null) [this.#stick.x, this.#stick.y] = [offsetX, offsetY];
    });
  }

  /** In hundredths, at most 100 long: short to say. */
  get direction(): readonly [x: number, y: number] {
    const held = [...this.#held].map((code) => KEYS[code] ?? [0, 0]);
    let [x, y] = held.reduce(([ax, ay], [bx, by]) => [ax + bx, ay + by], [0, 0]);
    if (this.#stick !== null) {
      const { fromX, fromY } = this.#stick;
      [x, y] = [(this.#stick.x - fromX) / STICK_PX, (this.#stick.y - fromY) / STICK_PX];
    }
    const length = Math.max(1, Math.hypot(x, y));
    return [Math.round((x / length) * 100), Math.round((y / length) * 100)];
  }

  /** Calls back every `tickMs`, and at once when something is pressed or let go; the ticks go on from there. */
  tick(tickMs: number, onTick: () => void): void {
    let ticks = setInterval(onTick, tickMs);
    for (const name of ["keydown", "keyup", "pointerdown", "pointerup"]) {
      addEventListener(name, (event) => {
        if (event instanceof KeyboardEvent && event.repeat) return;
        clearInterval(ticks);
        ticks = setInterval(onTick, tickMs);
        onTick();
      });
    }
  }

  /** Draws where the finger went down and where it is, in the pen's colours. */
  draw(pen: CanvasRenderingContext2D): void {
    if (this.#stick === null) return;
    pen.lineWidth = 2;
    circle(pen, this.#stick.fromX, this.#stick.fromY, STICK_PX);
    pen.stroke();
    circle(pen, this.#stick.x, this.#stick.y, 14);
    pen.fill();
  }
}
