import type { WebSocketConstructor, WebSocketLike } from "@parlor/client";

const STEP_MS = 25;

/**
 * A line that is narrow, or long, made in the page: a WebSocket that goes through it is real, but what it carries
 * waits here as long as it would on the way. The server can't tell the difference: all that it hears is how late
 * its pings are answered.
 */
export class BadLine {
  /** What comes passes at so many bytes a second; 0 while it is stopped. */
  bytesPerSecond: number;
  /** And so much later, ms; what is sent likewise. */
  delayMs = 0;
  #bytes = 0;
  /** Bytes that are to pass before the next message does. */
  #owed = 0;

  constructor(bytesPerSecond = Infinity) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Bytes that came through, all in all. */
  get bytes(): number {
    return this.#bytes;
  }

  /** For the client's option `webSocket`. */
  get webSocket(): WebSocketConstructor {
    const pass = (bytes: number): Promise<void> => this.#pass(bytes);
    const delayMs = (): number => this.delayMs;
    return class implements WebSocketLike {
      onopen: WebSocketLike["onopen"] = null;
      onmessage: WebSocketLike["onmessage"] = null;
      onclose: WebSocketLike["onclose"] = null;
      onerror: WebSocketLike["onerror"] = null;
      readonly #socket: WebSocket;
      #down = Promise.resolve();
      #up = Promise.resolve();

      constructor(url: string, protocols: string[]) {
        this.#socket = new WebSocket(url, protocols);
        this.#socket.onopen = (event) => this.onopen?.(event as never);
        this.#socket.onerror = (event) => this.onerror?.(event as never);
        this.#socket.onclose = (event) => this.onclose?.(event as never);
        this.#socket.onmessage = (event: MessageEvent<string>) => {
          const far = pause(delayMs());
          this.#down = this.#down.then(async () => {
            await Promise.all([far, pass(event.data.length)]);
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
        const far = pause(delayMs());
        this.#up = this.#up.then(() => far).then(() => this.#socket.send(data));
      }

      close(code?: number, reason?: string): void {
        this.#socket.close(code, reason);
      }
    };
  }

  async #pass(bytes: number): Promise<void> {
    if (this.bytesPerSecond === Infinity) return;
    this.#owed += bytes;
    while (this.#owed > 0) {
      const fromMs = performance.now();
      await pause(STEP_MS);
      const passed = ((performance.now() - fromMs) / 1_000) * this.bytesPerSecond;
      this.#bytes += Math.min(passed, this.#owed);
      // What a step had room for beyond this goes to the next, but an idle line saves nothing up.
      this.#owed = Math.max(this.#owed - passed, -passed);
    }
  }
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
