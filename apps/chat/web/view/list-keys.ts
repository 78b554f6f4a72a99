/** Rows that the keys walk: messages, not the dividers between them. */
const ROW = ".message[data-key]";

/**
 * Moves the focus within the list: it is one stop of the Tab key, and arrows, Home and End walk its messages.
 * From the list itself an arrow goes to the message that had the focus last, or else to the lowest in sight.
 *
 * Returns whether the key was meant for it.
 */
export class ListKeys {
  #lastKey: string | null = null;

  /** @param list what has the `keydown` handler @param toNewest shows the newest messages, where they are not */
  handle(event: KeyboardEvent, list: HTMLElement, toNewest: () => void): boolean {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
    if (!(target instanceof HTMLElement)) return false;
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
