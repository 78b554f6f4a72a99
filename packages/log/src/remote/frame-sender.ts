import type { Socket } from "node:net";
import { encodeLinkFrame, type LinkFrame } from "./link-frame.ts";

/** Writes frames to a socket, those of one turn together. */
export class FrameSender {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes that the other end has not taken. */
  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  send(frame: LinkFrame): void {
    this.sendBytes(encodeLinkFrame(frame));
  }

  /** Sends a frame that is encoded already. */
  sendBytes(bytes: Buffer): void {
    const socket = this.#socket;
    if (!socket.writable) return;
    if (socket.writableCorked === 0) {
      socket.cork();
      // Behind all that this turn still answers: one write for a group of appends and for what it tells.
      process.nextTick(() => socket.uncork());
    }
    socket.write(bytes);
  }
}
