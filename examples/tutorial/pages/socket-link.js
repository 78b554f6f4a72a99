import { frameBytes, upgradeBytes } from "./wire-bytes.js";

/** @import { LinkHost } from "./link-host.js" */

/** Until a lost line is opened again. */
const RETRY_MS = 1500;

/** The room over a plain WebSocket, both ways. */
export class SocketLink {
  /** @type {URL} */ #address;
  /** @type {LinkHost} */ #host;
  /** @type {WebSocket} */ #socket;

  /**
   * @param {URL} room
   * @param {LinkHost} host
   */
  constructor(room, host) {
    this.#address = new URL(room.href.replace("http", "ws"));
    this.#host = host;
    this.#socket = this.#open();
  }

  /** @param {string} text */
  send(text) {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      this.#host.onRefused("Not sent: the line is not open.");
      return;
    }
    this.#socket.send(text);
    this.#host.onBytes(frameBytes(text, "sent"));
  }

  #open() {
    const socket = new WebSocket(this.#address);
    this.#host.onRequest(upgradeBytes(this.#address, this.#host.browser));
    socket.onopen = () => {
      // The newest fifty come again with each line, and a plain room has no offsets to go on after.
      this.#host.onRestart();
      this.#host.onState(true, "Connected.");
    };
    socket.onmessage = ({ data }) => {
      this.#host.onBytes(frameBytes(data, "received"));
      const { messages, error } = JSON.parse(data);
      for (const text of messages) this.#host.onText(text);
      if (error !== undefined) this.#host.onRefused(String(error.message));
    };
    socket.onclose = () => {
      this.#host.onState(false, "The line was cut. Opening it again.");
      window.setTimeout(() => (this.#socket = this.#open()), RETRY_MS);
    };
    return socket;
  }
}
