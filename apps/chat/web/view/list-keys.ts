/** Rows that the keys walk: messages, not the dividers between them. */
const ROW = ".message[data-key]";
/** What may be a stop of the Tab key. */
const STOP = "a, button, input, audio, video, [tabindex]";

/**
 * Moves the focus within the list: it is one stop of the Tab key, and arrows, Home and End walk its messages.
 * From the list itself an arrow goes to the message that had the focus last, or else to the lowest in sight.
 *
 * From a message the Tab key goes through what is in it, and then out of the list: the links of all the others would
 * be a hundred stops on the way to the field one writes in.
 *
 * Returns whether the key was meant for it.
 */
export class ListKeys {
  #lastKey: string | null = null;

  /** @param list what has the `keydown` handler @param toNewest shows the newest messages, where they are not */
  handle(event: KeyboardEvent, list: HTMLElement, toNewest: () => void): boolean {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof HTMLElement)) return false;
    if (key === "Tab") return walkStops(target, list, event.shiftKey);
    if (event.shiftKey) return false;
    const isOnRow = target.matches(ROW);
    // What is within a message (a link, a button, a field) has keys of its own.
    if (!isOnRow && target !== list) return false;
    const rows = [...list.querySelectorAll<HTMLElement>(ROW)];
    const next = nextRow(key, rows, isOnRow ? target : null, () => this.#entry(rows, list));
    if (key === "End") toNewest();
    if (next === undefined) return false;
    this.#lastKey = next.dataset["key"] ?? null;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: key === "Home" || key === "End" ? "center" : "nearest" });
    return true;
  }

  #entry(rows: readonly HTMLElement[], list: HTMLElement): HTMLElement | undefined {
    const { top, bottom } = list.getBoundingClientRect();
    const inSight = rows.filter((row) => {
      const box = row.getBoundingClientRect();
      return box.top < bottom && box.bottom > top;
    });
    return inSight.find((row) => row.dataset["key"] === this.#lastKey) ?? inSight.at(-1);
  }
}

function nextRow(
  key: string,
  rows: readonly HTMLElement[],
  from: HTMLElement | null,
  entry: () => HTMLElement | undefined,
): HTMLElement | undefined {
  const index = from === null ? -1 : rows.indexOf(from);
  switch (key) {
    case "ArrowUp":
      return from === null ? entry() : rows[Math.max(0, index - 1)];
    case "ArrowDown":
      return from === null ? entry() : rows[Math.min(rows.length - 1, index + 1)];
    case "Home":
      return rows[0];
    case "End":
      return rows.at(-1);
    default:
      return undefined;
  }
}

/** The next stop of the Tab key, or the one before; outside of the list where there is none. */
function walkStops(from: HTMLElement, list: HTMLElement, isBack: boolean): boolean {
  // A player has stops of its own, which only the browser knows.
  if (from instanceof HTMLMediaElement || (isBack && from === list)) return false;
  const row = from.closest<HTMLElement>(ROW);
  const stops = [...(row ?? list).querySelectorAll<HTMLElement>(STOP)].filter(
    (stop) => stop.tabIndex >= 0 && stop.closest(ROW) === row && stop.checkVisibility(),
  );
  const at = stops.indexOf(from);
  const next = isBack ? (stops[at - 1] ?? (row === from ? list : (row ?? list))) : stops[at + 1];
  if (next === undefined) leave(list);
  else next.focus();
  return next !== undefined;
}

/** From its very end the browser takes the focus on to whatever comes behind the list. */
function leave(list: HTMLElement): void {
  const end = document.createElement("span");
  end.tabIndex = -1;
  list.append(end);
  end.focus({ preventScroll: true });
  setTimeout(() => end.remove());
}
