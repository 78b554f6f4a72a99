import { make } from "./element.js";

/** Rows of the trace that are kept; the oldest go first. */
const MAX_ROWS = 200;

/** @typedef {{ what: string, readyState: number, detail: string }} Sighting as watch.js sends it */

/** The running page in its frame, and beside it what its socket does, as it happens. */
export class LiveView {
  /** @type {HTMLIFrameElement} */ #frame;
  /** @type {HTMLOListElement | null} */ #readyStates;
  /** @type {HTMLUListElement | null} */ #events;
  /** @type {HTMLOListElement} */ #trace;
  /** @type {URL} */ #page;
  #startedAt = 0;

  /**
   * @param {{ frame: HTMLIFrameElement, readyStates: HTMLOListElement | null,
   *   events: HTMLUListElement | null, trace: HTMLOListElement, page: URL }} parts what is null is not shown
   */
  constructor(parts) {
    this.#frame = parts.frame;
    this.#readyStates = parts.readyStates;
    this.#events = parts.events;
    this.#trace = parts.trace;
    this.#page = parts.page;
    window.addEventListener("message", (event) => {
      if (event.source !== this.#frame.contentWindow || event.origin !== location.origin) return;
      if (event.data?.sighting !== undefined) this.#see(event.data.sighting);
    });
  }

  /**
   * Loads the page anew, as the browser's own button would.
   *
   * @param {string} [hash] what watch.js shall know
   */
  refresh(hash = "") {
    this.#startedAt = performance.now();
    this.#trace.replaceChildren();
    for (const tile of this.#events?.children ?? []) count(tile, 0);
    this.#mark(null);
    if (hash !== "") this.#note("", "This page has no WebSocket: nothing to watch.");
    // A new frame rather than a new address: with the same one a browser would not load at all, and
    // each address would be a step of the way back.
    const fresh = /** @type {HTMLIFrameElement} */ (this.#frame.cloneNode());
    fresh.src = this.#page.href + hash;
    this.#frame.replaceWith(fresh);
    this.#frame = fresh;
  }

  /** Closes the socket behind the page's back. */
  cut() {
    this.#frame.contentWindow?.postMessage({ cut: true }, location.origin);
  }

  /** @param {Sighting} sighting */
  #see({ what, readyState, detail }) {
    this.#mark(readyState);
    this.#note(what === "new" ? "new WebSocket" : what, detail);
    const tile = this.#events?.querySelector(`[data-event="${CSS.escape(what)}"]`) ?? null;
    if (tile === null) return;
    count(tile, Number(tile.querySelector("b")?.textContent) + 1);
    tile.classList.remove("fired");
    // Reading a size makes the browser see the class gone, so that the flash starts again.
    void tile.clientWidth;
    tile.classList.add("fired");
  }

  /** @param {number | null} readyState */
  #mark(readyState) {
    [...(this.#readyStates?.children ?? [])].forEach((item, index) => {
      if (index === readyState) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    });
  }

  /**
   * @param {string} what
   * @param {string} detail
   */
  #note(what, detail) {
    const isAtEnd = this.#trace.scrollTop + this.#trace.clientHeight >= this.#trace.scrollHeight - 8;
    const row = make("li");
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(3);
    row.append(make("time", "", `${seconds} s`), make("b", "", what), make("span", "", detail));
    this.#trace.append(row);
    while (this.#trace.children.length > MAX_ROWS) this.#trace.firstElementChild?.remove();
    if (isAtEnd) this.#trace.scrollTop = this.#trace.scrollHeight;
  }
}

/**
 * @param {Element} tile
 * @param {number} times
 */
function count(tile, times) {
  tile.classList.toggle("fired", false);
  tile.classList.toggle("ever", times > 0);
  const number = tile.querySelector("b");
  if (number !== null) number.textContent = String(times);
}
