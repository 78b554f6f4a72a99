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
export const STICK_PX = 44;

/** Where the player steers, by keys or by a finger anywhere on the canvas. */
export class Steering {
  /** Where the finger went down and where it is, in the canvas; null while there is none. */
  stick: { readonly fromX: number; readonly fromY: number; x: number; y: number } | null = null;
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
      this.stick = null;
    };
    for (const name of ["blur", "visibilitychange"]) addEventListener(name, letGo);
    for (const name of ["blur", "pointerup", "pointercancel"]) canvas.addEventListener(name, letGo);
    canvas.addEventListener("pointerdown", ({ pointerId, offsetX: x, offsetY: y }) => {
      canvas.setPointerCapture(pointerId);
      this.stick = { fromX: x, fromY: y, x, y };
    });
    canvas.addEventListener("pointermove", ({ offsetX, offsetY }) => {
      if (this.stick !== null) [this.stick.x, this.stick.y] = [offsetX, offsetY];
    });
  }

  /** In hundredths, at most 100 long: what is said to the server. */
  get direction(): readonly [x: number, y: number] {
    const held = [...this.#held].map((code) => KEYS[code] ?? [0, 0]);
    let [x, y] = held.reduce(([ax, ay], [bx, by]) => [ax + bx, ay + by], [0, 0]);
    if (this.stick !== null) {
      const { fromX, fromY } = this.stick;
      [x, y] = [(this.stick.x - fromX) / STICK_PX, (this.stick.y - fromY) / STICK_PX];
    }
    const length = Math.max(1, Math.hypot(x, y));
    return [Math.round((x / length) * 100), Math.round((y / length) * 100)];
  }
}
