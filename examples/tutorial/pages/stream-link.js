import { shownText } from "./shown-text.js";
import { eventBytes, requestHeadBytes, utf8Bytes } from "./wire-bytes.js";

/** @import { LinkHost } from "./link-host.js" */

/** Until a stream that was refused is asked for again; a broken one the browser asks for by itself. */
const RETRY_MS = 2000;

/** Answer heads of a stream as browsers report them elsewhere, since they tell none of a stream's. */
const ANSWER_HEAD_BYTES = 300;

/** The room as an event stream downwards, and a request for each message upwards. */
export class StreamLink {
  /** @type {URL} */ #address;
  /** @type {LinkHost} */ #host;
  #lastId = "";

  /**
   * @param {URL} room
   * @param {LinkHost} host
   */
  constructor(room, host) {
    this.#address = new URL(`${room.pathname}/messages`, room);
    this.#host = host;
    host.countAnswers(this.#address, "fetch");
    this.#open();
  }

  /** @param {string} text */
  async send(text) {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": this.#host.newKey() };
    const body = JSON.stringify(text);
    this.#count("POST", headers, body);
    try {
      const response = await fetch(this.#address, { method: "POST", headers, body });
      const answer = await response.json();
      if (!response.ok) this.#host.onRefused(String(answer.error?.message ?? response.status));
    } catch {
      this.#host.onRefused("Not sent: the server was not reached.");
    }
  }

  #open() {
    const isAgain = this.#lastId !== "";
    if (isAgain) this.#host.onRestart();
    const source = new EventSource(this.#address);
    this.#count("GET", { Accept: "text/event-stream", "Cache-Control": "no-cache" }, "");
    source.onopen = () => {
      this.#host.onBytes(ANSWER_HEAD_BYTES);
      this.#host.onState(true, "Listening.");
    };
    source.onmessage = (event) => {
      this.#lastId = event.lastEventId;
      this.#host.onBytes(eventBytes(event.lastEventId, event.data));
      const text = shownText(JSON.parse(event.data));
      if (text !== null) this.#host.onText(text);
    };
    source.addEventListener("lost", (event) => this.#host.onBytes(eventBytes("", event.data)));
    source.onerror = () => {
      this.#host.onState(false, "The stream broke. Asking again.");
      if (source.readyState === EventSource.CLOSED) {
        window.setTimeout(() => this.#open(), RETRY_MS);
      } else {
        // The browser asks again by itself, and names the last event that it has.
        this.#count("GET", { Accept: "text/event-stream", "Last-Event-ID": this.#lastId }, "");
      }
    };
  }

  /**
   * @param {string} method
   * @param {Readonly<Record<string, string>>} headers
   * @param {string} body
   */
  #count(method, headers, body) {
    const head = requestHeadBytes(method, this.#address, headers, this.#host.browser);
    this.#host.onRequest(head + utf8Bytes(body));
  }
}
