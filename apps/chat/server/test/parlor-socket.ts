import { within } from "./parlor-process.ts";

type Frame = Readonly<Record<string, unknown>>;

/** A raw connection that speaks the protocol by hand, so that the command is tested without the client. */
export class ParlorSocket {
  readonly #socket: WebSocket;
  readonly frames: Frame[] = [];
  readonly #waiting = new Set<{ isIt: (frame: Frame) => boolean; resolve: (frame: Frame) => void }>();
  readonly closed: Promise<CloseEvent>;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    socket.addEventListener("message", (event) => {
      const frame = JSON.parse(String(event.data)) as Frame;
      this.frames.push(frame);
      for (const waiter of this.#waiting) {
        if (!waiter.isIt(frame)) continue;
        this.#waiting.delete(waiter);
        waiter.resolve(frame);
      }
    });
  }

  /** Opens `path` below the server's address; rejects where the server refuses. */
  static async open(url: string, path: string, subprotocol?: string): Promise<ParlorSocket> {
    const address = new URL(path, url.replace("http", "ws"));
    const socket = subprotocol === undefined ? new WebSocket(address) : new WebSocket(address, subprotocol);
    const opened = new ParlorSocket(socket);
    await within(
      new Promise<void>((resolve, reject) => {
        socket.addEventListener("open", () => resolve());
        socket.addEventListener("error", () => reject(new Error(`${address.href} was refused`)));
      }),
      "the socket did not open",
    );
    return opened;
  }

  /** A connection on `parlor.v1` after its `welcome`. */
  static async join(url: string): Promise<ParlorSocket> {
    const socket = await ParlorSocket.open(url, "connect", "parlor.v1");
    socket.send({ type: "hello", version: 1, key: crypto.randomUUID(), producer: "producer1" });
    await socket.next((frame) => frame["type"] === "welcome");
    return socket;
  }

  send(frame: Frame | string): void {
    this.#socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  /** The first frame that fits, of those that came already or will. */
  next(isIt: (frame: Frame) => boolean): Promise<Frame> {
    const known = this.frames.find(isIt);
    if (known !== undefined) return Promise.resolve(known);
    return within(new Promise((resolve) => this.#waiting.add({ isIt, resolve })), "the frame did not come");
  }

  close(): void {
    this.#socket.close();
  }
}
