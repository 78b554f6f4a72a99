/**
 * Stands in front of chat.html's own script in the tutorial's frame and tells the page around it what
 * the WebSocket does. chat.html knows nothing of it: it gets a WebSocket that is one in every way.
 *
 * The page around can ask for a cut (`{"cut":true}`), and `#without-websocket` takes the class away, to
 * see what a browser sees that never had it.
 */
"use strict";

/**
 * @typedef {{ what: "new" | "send" | "close()" | "open" | "message" | "error" | "close",
 *   readyState: number, detail: string }} Sighting
 */

(() => {
  if (window.parent === window) return;

  if (location.hash === "#without-websocket") {
    Reflect.deleteProperty(window, "WebSocket");
    return;
  }

  /** @param {Sighting} sighting */
  const tell = (sighting) => window.parent.postMessage({ sighting }, location.origin);

  /** @type {Set<WebSocket>} */
  const living = new Set();

  class WatchedWebSocket extends WebSocket {
    /**
     * @param {string | URL} url
     * @param {string | string[]} [protocols]
     */
    constructor(url, protocols) {
      super(url, protocols);
      living.add(this);
      tell({ what: "new", readyState: this.readyState, detail: String(url) });
      // Registered before the page's own handlers, so that each event shows before its effect.
      this.addEventListener("open", () => this.#told("open", ""));
      this.addEventListener("message", (event) => this.#told("message", String(event.data)));
      this.addEventListener("error", () => this.#told("error", ""));
      this.addEventListener("close", (event) => {
        living.delete(this);
        this.#told("close", `code ${event.code}${event.wasClean ? "" : ", not clean"}`);
      });
    }

    /**
     * @override
     * @param {string | BufferSource | Blob} data
     */
    send(data) {
      super.send(data);
      this.#told("send", typeof data === "string" ? data : "binary data");
    }

    /**
     * @override
     * @param {number} [code]
     * @param {string} [reason]
     */
    close(code, reason) {
      super.close(code, reason);
      this.#told("close()", "");
    }

    /**
     * @param {Sighting["what"]} what
     * @param {string} detail
     */
    #told(what, detail) {
      tell({ what, readyState: this.readyState, detail: detail.slice(0, 2000) });
    }
  }

  window.WebSocket = WatchedWebSocket;

  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || event.origin !== location.origin || event.data?.cut !== true)
      return;
    for (const socket of living) socket.close();
  });
})();
