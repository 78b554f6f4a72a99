import { options } from "preact";

/** A page that is not looked at has no frames; it is drawn all the same, so that it is right when it is. In ms. */
const WITHOUT_FRAMES_MS = 250;

/**
 * Draws what changed once a frame, whatever came in it: a lively room tells of more changes than a screen can
 * show, and each drawing costs a layout. It is done after the frame and not in it: so the work of drawing and
 * that of painting are two tasks, and a key or a wheel gets in between.
 */
export function paceRendering(): void {
  options.debounceRendering = (draw) => {
    const once = (): void => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      setTimeout(draw);
    };
    const frame = requestAnimationFrame(once);
    const timer = setTimeout(once, WITHOUT_FRAMES_MS);
  };
}
