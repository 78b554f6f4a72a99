import type { WebSocketConstructor, WebSocketLike } from "@parlor/client";

const STEP_MS = 25;

/**
 * A line of so many bytes a second, made in the page: a WebSocket that goes through it is real, but what comes waits
 * here as long as it would in a modem. The server can't tell the difference, since all that it hears is how late
 * its pings are answered.
 */
export class NarrowLine {
  /** 0 while it is stopped. */
  bytesPerSecond: number;
  #bytes = 0;
  /** Bytes that are to pass before the next message does. */
  #owed = 0;

  constructor(bytesPerSecond: number) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Bytes that came through, all in all. */
  get bytes(): number {
    return this.#bytes;
  }

  /** For the client's option `webSocket`. */
  get webSocket(): WebSocketConstructor {
    const pass = (bytes: number): Promise<void> => this.#pass(bytes);
    return class implements WebSocketLike {
      onopen: WebSocketLike["onopen"] = null;
      onmessage: WebSocketLike["onmessage"] = null;
      onclose: WebSocketLike["onclose"] = null;
      onerror: WebSocketLike["onerror"] = null;
      readonly #socket: WebSocket;
      /** What is on the line: the server sends no more ahead than it hears that we read. */
      #line: Promise<void> = Promise.resolve();

      constructor(url: string, protocols: string[]) {
        this.#socket = new WebSocket(url, protocols);
        this.#socket.onopen = (event) => this.onopen?.(event as never);
        this.#socket.onerror = (event) => this.onerror?.(event as never);
        this.#socket.onclose = (event) => this.onclose?.(event as never);
        this.#socket.onmessage = (event: MessageEvent<string>) => {
          this.#line = this.#line.then(async () => {
            await pass(event.data.length);
            this.onmessage?.(event as never);
          });
        };
      }

      get readyState(): number {
        return this.#socket.readyState;
      }

      get protocol(): string {
        return this.#socket.protocol;
      }

      send(data: string | Uint8Array<ArrayBuffer>): void {
        this.#socket.send(data);
      }

      close(code?: number, reason?: string): void {
        this.#socket.close(code, reason);
      }
    };
  }

  async #pass(bytes: number): Promise<void> {
    this.#owed += bytes;
    while (this.#owed > 0) {
      const fromMs = performance.now();
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
      const passed = ((performance.now() - fromMs) / 1_000) * this.bytesPerSecond;
      this.#bytes += Math.min(passed, this.#owed);
      // What a step had room for beyond this goes to the next, but an idle line saves nothing up.
      this.#owed = Math.max(this.#owed - passed, -passed);
    }
  }
}
