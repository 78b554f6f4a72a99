/** What of a world is in the picture. */
export interface View {
  /** CSS pixels for each of the world's units. */
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/**
 * The whole world where it is large enough to see, else the part around one place, never beyond an edge.
 * @param leastScale Below this, in CSS pixels for each of the world's units, the picture follows `at`.
 */
export function viewOf(
  { clientWidth: width, clientHeight: height }: HTMLCanvasElement,
  world: { readonly width: number; readonly height: number },
  { x, y }: { readonly x: number; readonly y: number },
  leastScale: number,
): View {
  const scale = Math.max(leastScale, width / world.width, height / world.height);
  return {
    scale,
    left: within(x - width / scale / 2, world.width - width / scale),
    top: within(y - height / scale / 2, world.height - height / scale),
  };
}

function within(value: number, most: number): number {
  return most < 0 ? most / 2 : Math.min(most, Math.max(0, value));
}
