import { shownText } from "./shown-text.js";
import { requestHeadBytes, utf8Bytes } from "./wire-bytes.js";

/** @import { LinkHost } from "./link-host.js" */

/** The room by repeated requests: what came after the newest message that we have? */
export class PollingLink {
  /** @type {URL} */ #address;
  /** @type {LinkHost} */ #host;
  /** @type {string | null} */ #epoch = null;
  #after = 0;
  #intervalMs = 2000;
  #timer = 0;

  /**
   * @param {URL} room
   * @param {LinkHost} host
   */
  constructor(room, host) {
    this.#address = new URL(`${room.pathname}/messages`, room);
    this.#host = host;
    host.countAnswers(this.#address, "xmlhttprequest");
    this.#poll();
  }

  /** @param {number} ms */
  setInterval(ms) {
    this.#intervalMs = ms;
    this.#schedule(0);
  }

  /** @param {string} text */
  send(text) {
    const body = JSON.stringify(text);
    const request = this.#request("POST", this.#address, body, {
      "Content-Type": "application/json",
      "Idempotency-Key": this.#host.newKey(),
    });
    request.onload = () => {
      if (request.status !== 201) this.#host.onRefused(refusal(request.responseText, request.status));
    };
    request.onerror = () => this.#host.onRefused("Not sent: the server was not reached.");
    request.send(body);
  }

  #poll() {
    const url = new URL(this.#address);
    if (this.#epoch !== null) url.searchParams.set("after", String(this.#after));
    const request = this.#request("GET", url, "", {});
    request.onload = () => this.#take(request);
    request.onerror = () => {
      this.#host.onState(false, "The server was not reached. Asking again.");
      this.#schedule(this.#intervalMs);
    };
    request.send();
  }

  /** @param {XMLHttpRequest} request */
  #take(request) {
    if (request.status !== 200) {
      this.#host.onState(false, refusal(request.responseText, request.status));
      this.#schedule(Math.max(1000, this.#intervalMs));
      return;
    }
    const page = JSON.parse(request.responseText);
    const isOtherHistory = this.#epoch !== null && page.epoch !== this.#epoch;
    if (isOtherHistory) {
      this.#epoch = null;
      this.#host.onRestart();
      this.#schedule(0);
      return;
    }
    const isFirst = this.#epoch === null;
    this.#epoch = page.epoch;
    this.#after = page.messages.at(-1)?.offset ?? (isFirst ? page.head : this.#after);
    this.#host.onState(true, "Asking again and again.");
    for (const message of page.messages) {
      const text = shownText(message);
      if (text !== null) this.#host.onText(text);
    }
    // Of the first page `more` speaks of older ones, which nobody asked for.
    this.#schedule(page.more && !isFirst ? 0 : this.#intervalMs);
  }

  /** @param {number} delayMs */
  #schedule(delayMs) {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#poll(), delayMs);
  }

  /**
   * @param {string} method
   * @param {URL} url
   * @param {string} body
   * @param {Readonly<Record<string, string>>} headers
   */
  #request(method, url, body, headers) {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    this.#host.onRequest(requestHeadBytes(method, url, headers, this.#host.browser) + utf8Bytes(body));
    return request;
  }
}

/**
 * The sentence of a refusal, which every answer that is not a success carries.
 *
 * @param {string} text
 * @param {number} status
 */
function refusal(text, status) {
  try {
    return String(JSON.parse(text).error.message);
  } catch {
    return `The server answered ${status}.`;
  }
}
