import { barsPath, dotsPath, GRID_PATH } from "./chart.js";
import { make } from "./element.js";
import { Tally } from "./tally.js";

/** Messages that one pane shows; the oldest go first. */
const MAX_SHOWN = 200;

/** @typedef {{ requests: number, bytes: number, last: number, median: number, perSecond: number }} Scale */

/** One pane: its log, its composer, its figures and charts. It is the host of its link. */
export class Pane {
  tally = new Tally();
  browser = {
    userAgent: navigator.userAgent,
    language: navigator.languages.join(","),
    referrer: location.href.split("#", 1)[0] ?? "",
  };
  /** @type {HTMLElement} */ #root;
  /** @type {Element} */ #log;
  /** @type {Element} */ #state;
  #restarted = false;

  /**
   * @param {HTMLElement} root
   * @param {HTMLTemplateElement} template
   * @param {(text: string) => void} onSend a message was written in this pane
   */
  constructor(root, template, onSend) {
    this.#root = root;
    root.append(template.content.cloneNode(true));
    this.#log = this.#part(".log");
    this.#state = this.#part(".state");
    const title = root.querySelector("h2")?.textContent ?? "";
    this.#log.setAttribute("aria-label", `Messages, by ${title}`);
    const input = this.#part("input");
    input.setAttribute("aria-label", `Your message, by ${title}`);
    this.#part(".grid").setAttribute("d", GRID_PATH);
    this.#part("form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (!(input instanceof HTMLInputElement)) return;
      const text = input.value;
      input.value = "";
      onSend(text);
    });
  }

  newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** @param {number} bytes */
  onRequest(bytes) {
    this.tally.request();
    this.onBytes(bytes);
  }

  /** @param {number} bytes */
  onBytes(bytes) {
    this.tally.moved(bytes, performance.now());
  }

  /**
   * @param {URL} address
   * @param {"xmlhttprequest" | "fetch"} by
   */
  countAnswers(address, by) {
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (!(entry instanceof PerformanceResourceTiming) || entry.initiatorType !== by) continue;
        if (entry.name.split("?", 1)[0] === address.href) this.onBytes(entry.transferSize);
      }
      // They are counted; kept, the browser's own list of them would fill.
      performance.clearResourceTimings();
    });
    observer.observe({ type: "resource" });
  }

  onRestart() {
    // Emptied with the first message that comes, so that a pane does not stand empty while it waits.
    this.#restarted = true;
  }

  /** @param {string} text */
  onText(text) {
    if (this.#restarted) this.#log.replaceChildren();
    this.#restarted = false;
    const isAtEnd = this.#log.scrollTop + this.#log.clientHeight >= this.#log.scrollHeight - 24;
    this.#log.append(make("li", "", text));
    while (this.#log.children.length > MAX_SHOWN) this.#log.firstElementChild?.remove();
    if (isAtEnd) this.#log.scrollTop = this.#log.scrollHeight;
    this.tally.shown(text, performance.now());
  }

  /**
   * @param {boolean} isUp
   * @param {string} words
   */
  onState(isUp, words) {
    if (this.#state.textContent !== words) this.#state.textContent = words;
    this.#state.classList.toggle("down", !isUp);
  }

  /** @param {string} words */
  onRefused(words) {
    this.#log.append(make("li", "refused", words));
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  /**
   * Draws the figures, each with a bar as long as its share of the greatest of the three panes.
   *
   * @param {Scale} scale the greatest value of each figure
   * @param {number} now
   */
  draw(scale, now) {
    const { requests, bytes, lastMs, medianMs, latencies } = this.tally;
    this.#figure("requests", requests.toLocaleString("en"), requests / scale.requests);
    this.#figure("bytes", bytesInWords(bytes), bytes / scale.bytes);
    this.#figure("last", latencyInWords(lastMs), (lastMs ?? 0) / scale.last);
    this.#figure("median", latencyInWords(medianMs), (medianMs ?? 0) / scale.median);
    const perSecond = this.tally.bytesPerSecond(now);
    this.#part(".bytes-chart path").setAttribute("d", barsPath(perSecond, scale.perSecond));
    this.#part(".bytes-chart").setAttribute(
      "aria-label",
      `Bytes a second, at most ${Math.max(...perSecond)}`,
    );
    this.#part(".bytes-chart + figcaption b").textContent = `top ${bytesInWords(scale.perSecond)}`;
    this.#part(".dots").setAttribute("d", dotsPath(latencies, now));
    this.#part(".latency-chart").setAttribute("aria-label", `Latency, median ${latencyInWords(medianMs)}`);
  }

  /**
   * @param {"requests" | "bytes" | "last" | "median"} name
   * @param {string} words
   * @param {number} share
   */
  #figure(name, words, share) {
    const value = this.#part(`[data-figure="${name}"] dd`);
    if (value.textContent !== words) value.textContent = words;
    const bar = this.#part(`[data-figure="${name}"] i`);
    if (bar instanceof HTMLElement)
      bar.style.setProperty("--share", String(Number.isFinite(share) ? share : 0));
  }

  /** @param {string} selector */
  #part(selector) {
    const part = this.#root.querySelector(selector);
    if (part === null) throw new TypeError(`a pane has no ${selector}`);
    return part;
  }
}

/** @param {number} bytes */
function bytesInWords(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(bytes < 10_000 ? 2 : 1)} KB`;
  return `${(bytes / 1_000_000).toFixed(2)} MB`;
}

/** @param {number | null} ms */
function latencyInWords(ms) {
  if (ms === null) return "–";
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
