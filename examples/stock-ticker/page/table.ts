import { drawLines } from "@parlor/page-parts/lines";

/** What a row shows. */
export interface Quote {
  readonly symbol: string;
  cents: number;
  /** The first that this page saw. */
  readonly firstCents: number;
  /** The last half minute, two a second. */
  readonly history: [atMs: number, cents: number][];
}

const ROW_PX = 34;
const HISTORY_MS = 30_000;

interface Row {
  readonly element: HTMLElement;
  readonly cells: readonly HTMLElement[];
  readonly canvas: HTMLCanvasElement;
  quote: Quote | null;
  /** Its sparkline is to be drawn, too. */
  isStale: boolean;
}

/** A table of any length that has elements for the rows in sight alone, and draws them when they changed. */
export class Table {
  readonly #grid: HTMLElement;
  readonly #space: HTMLElement;
  readonly #rows: Row[] = [];
  readonly #dirty = new Set<Row>();
  readonly #onChoose: (symbol: string) => void;
  #quotes: readonly Quote[] = [];
  #chosen = "";

  constructor(grid: HTMLElement, onChoose: (symbol: string) => void) {
    this.#grid = grid;
    this.#onChoose = onChoose;
    this.#space = grid.appendChild(document.createElement("div"));
    grid.addEventListener("scroll", () => this.#place());
    new ResizeObserver(() => this.#place()).observe(grid);
    grid.addEventListener("keydown", (event) => this.#key(event));
    grid.addEventListener("click", ({ target }) => {
      const row = this.#rows.find(({ element }) => element.contains(target as Node));
      if (row !== undefined && row.quote !== null) onChoose(row.quote.symbol);
    });
  }

  /** Shows these, in this order. */
  show(quotes: readonly Quote[], chosen: string): void {
    this.#quotes = quotes;
    this.#chosen = chosen;
    this.#space.style.blockSize = `${quotes.length * ROW_PX}px`;
    this.#grid.setAttribute("aria-rowcount", `${quotes.length}`);
    this.#place();
  }

  /** A price is another one: its row, where it is in sight, says so with the next frame, and which way it went. */
  changed(quote: Quote, way: "up" | "down"): void {
    const row = this.#rows.find((each) => each.quote === quote);
    if (row === undefined) return;
    row.element.dataset["way"] = way;
    this.#dirty.add(row);
  }

  /** Histories went on. */
  aged(): void {
    for (const row of this.#rows) {
      row.isStale = true;
      this.#dirty.add(row);
    }
  }

  draw(nowMs: number): void {
    if (this.#dirty.size === 0) return;
    const style = getComputedStyle(this.#grid);
    for (const row of this.#dirty) {
      if (row.quote === null) continue;
      fill(row, row.quote);
      if (row.isStale) drawHistory(row.canvas, row.quote, style, nowMs);
      row.isStale = false;
    }
    this.#dirty.clear();
  }

  /** The rows that are in sight, each an element that others were before. */
  #place(): void {
    const first = Math.floor(this.#grid.scrollTop / ROW_PX);
    const count = Math.ceil(this.#grid.clientHeight / ROW_PX) + 1;
    while (this.#rows.length < count) this.#rows.push(this.#newRow());
    for (let index = first; index < first + this.#rows.length; index += 1) {
      const row = this.#rows[index % this.#rows.length] as Row;
      const quote = index < first + count ? (this.#quotes[index] ?? null) : null;
      const { element } = row;
      element.hidden = quote === null;
      element.style.transform = `translateY(${index * ROW_PX}px)`;
      element.setAttribute("aria-rowindex", `${index + 1}`);
      element.setAttribute("aria-selected", `${quote?.symbol === this.#chosen}`);
      if (quote?.symbol === this.#chosen) this.#grid.setAttribute("aria-activedescendant", element.id);
      if (row.quote === quote) continue;
      row.quote = quote;
      delete element.dataset["way"];
      row.isStale = true;
      this.#dirty.add(row);
    }
  }

  #newRow(): Row {
    const element = this.#space.appendChild(document.createElement("div"));
    element.id = `row-${this.#rows.length}`;
    element.setAttribute("role", "row");
    const cells = Array.from({ length: 4 }, () => element.appendChild(document.createElement("span")));
    for (const cell of cells) cell.setAttribute("role", "gridcell");
    const canvas = (cells[3] as HTMLElement).appendChild(document.createElement("canvas"));
    return { element, cells, canvas, quote: null, isStale: true };
  }

  #key(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.#grid.clientHeight / ROW_PX) - 1);
    const steps = {
      ArrowUp: -1,
      ArrowDown: 1,
      PageUp: -page,
      PageDown: page,
      Home: -Infinity,
      End: Infinity,
    };
    const step = steps[event.key as keyof typeof steps] as number | undefined;
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const at = this.#quotes.findIndex(({ symbol }) => symbol === this.#chosen);
    const to = Math.min(this.#quotes.length - 1, Math.max(0, at + step));
    const quote = this.#quotes[to];
    if (quote === undefined) return;
    const top = to * ROW_PX;
    const { scrollTop, clientHeight } = this.#grid;
    if (top < scrollTop) this.#grid.scrollTop = top;
    else if (top + ROW_PX > scrollTop + clientHeight) this.#grid.scrollTop = top + ROW_PX - clientHeight;
    this.#onChoose(quote.symbol);
  }
}

function fill({ cells }: Row, { symbol, cents, firstCents }: Quote): void {
  const change = cents / firstCents - 1;
  const [name, price, changed] = cells as [HTMLElement, HTMLElement, HTMLElement];
  name.textContent = symbol;
  price.textContent = (cents / 100).toFixed(2);
  changed.textContent = `${change < 0 ? "▼" : "▲"} ${(Math.abs(change) * 100).toFixed(2)} %`;
  changed.className = change < 0 ? "is-down" : "is-up";
}

function drawHistory(
  canvas: HTMLCanvasElement,
  quote: Quote,
  style: CSSStyleDeclaration,
  nowMs: number,
): void {
  const color = style.getPropertyValue(quote.cents < quote.firstCents ? "--down" : "--up");
  drawLines(canvas, [{ points: quote.history, color }], nowMs - HISTORY_MS, nowMs);
}
