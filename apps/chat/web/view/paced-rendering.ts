import { options } from "preact";

/** A page that is not looked at has no frames; it is drawn all the same, so that it is right when it is. In ms. */
const WITHOUT_FRAMES_MS = 250;
/** What a person does, and is answered by what was drawn: before each of these, what changed is drawn. */
const ACTS = ["keydown", "beforeinput", "pointerdown", "click", "submit"] as const;

/**
 * Draws what changed once a frame, whatever came in it: a lively room tells of more changes than a screen can
 * show, and each drawing costs a layout. It is done after the frame and not in it: so the work of drawing and
 * that of painting are two tasks, and a key or a wheel gets in between.
 *
 * Nobody acts on what is out of date: Enter right behind a letter sends that letter, too. A letter behind letters is
 * in its field by itself, whatever else is still to be drawn: drawing that first would make it wait.
 */
export function paceRendering(): void {
  let drawNow: (() => void) | null = null;
  let isAnswered = true;
  options.debounceRendering = (draw) => {
    const once = (): void => {
      isAnswered = true;
      if (drawNow === once) drawNow = null;
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      clearTimeout(afterFrame);
      draw();
    };
    let afterFrame: ReturnType<typeof setTimeout> | undefined;
    const frame = requestAnimationFrame(() => {
      afterFrame = setTimeout(once);
    });
    const timer = setTimeout(once, WITHOUT_FRAMES_MS);
    drawNow = once;
  };
  const hear = (event: Event): void => {
    if (isLetter(event) && isAnswered) return;
    drawNow?.();
    isAnswered = isLetter(event);
  };
  for (const act of ACTS) addEventListener(act, hear, { capture: true, passive: true });
}

/** The key, or what the field is told of it. */
function isLetter(event: Event): boolean {
  const { target, key, inputType, ctrlKey, metaKey, altKey } = event as Partial<KeyboardEvent & InputEvent>;
  if (key === undefined) return inputType === "insertText";
  return key.length === 1 && target instanceof HTMLTextAreaElement && !(ctrlKey || metaKey || altKey);
}
