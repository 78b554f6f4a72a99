import { connect, type Socket } from "node:net";
import { type Clock, fullJitterMs, type Random, type TimerHandle } from "@parlor/base";
import type { LogStatus } from "../room-log.ts";
import { FrameSender } from "./frame-sender.ts";
import type { LinkBuild } from "./handshake.ts";
import { type LinkFrame, LinkFrameReader, linkFrame } from "./link-frame.ts";

/** An owner that was restarted is back within a moment; one that isn't is not asked in a spin. */
const BACKOFF = { baseMs: 100, maxMs: 500 };

export interface OwnerLinkEvents {
  /** The owner takes appends and questions from now on. */
  onUp(status: LogStatus): void;
  /** It did, and does no more; what was not answered never will be. `why` is empty where nobody knows. */
  onDown(why: string): void;
  /** The owner is of another build; no further try is made. */
  onRefused(sentence: string): void;
  onFrame(frame: LinkFrame): void;
}

export interface OwnerLinkOptions {
  readonly path: string;
  readonly own: LinkBuild;
  readonly clock: Clock;
  readonly random: Random;
}

/** A worker's link to the owner of the log, which comes back by itself until it is closed. */
export class OwnerLink {
  readonly #options: OwnerLinkOptions;
  readonly #events: OwnerLinkEvents;
  #socket: Socket | null = null;
  #sender: FrameSender | null = null;
  #retry: TimerHandle | null = null;
  #attempt = 0;
  #isClosed = false;
  /** What was wrong with what the owner sent last. */
  #fault = "";

  constructor(options: OwnerLinkOptions, events: OwnerLinkEvents) {
    this.#options = options;
    this.#events = events;
    this.#connect();
  }

  get isUp(): boolean {
    return this.#sender !== null;
  }

  /** Bytes that the owner has not taken. */
  get waitingBytes(): number {
    return this.#sender?.waitingBytes ?? 0;
  }

  /** Sends a frame where the link is up, and else nothing: its caller was told, or is about to be. */
  send(frame: LinkFrame): void {
    this.#sender?.send(frame);
  }

  /** Gives this link up and makes another. */
  renew(): void {
    this.#socket?.destroy();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#retry !== null) this.#options.clock.cancel(this.#retry);
    this.#sender = null;
    this.#socket?.destroy();
  }

  #connect(): void {
    const socket = connect(this.#options.path);
    this.#socket = socket;
    const reader = new LinkFrameReader();
    const sender = new FrameSender(socket);
    socket.on("connect", () => sender.send(linkFrame("hello", 0, JSON.stringify(this.#options.own))));
    socket.on("data", (chunk: Buffer) => {
      try {
        for (const frame of reader.take(chunk)) this.#take(frame, sender);
      } catch (error) {
        // What speaks there is no owner of ours, or not any more; the next one may be.
        this.#fault = error instanceof Error ? error.message : String(error);
        socket.destroy();
      }
    });
    // The close that follows says all there is to say; why is known to whoever runs the owner.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#onClose());
  }

  #take(frame: LinkFrame, sender: FrameSender): void {
    if (this.#isClosed) return;
    if (this.isUp) return this.#events.onFrame(frame);
    switch (frame.kind) {
      case "welcome":
        this.#sender = sender;
        this.#attempt = 0;
        return this.#events.onUp(JSON.parse(frame.text) as LogStatus);
      case "refused":
        this.close();
        return this.#events.onRefused(frame.text);
      default:
        throw new Error(`the owner of the log began with ${frame.kind}`);
    }
  }

  #onClose(): void {
    const wasUp = this.isUp;
    this.#socket = null;
    this.#sender = null;
    if (this.#isClosed) return;
    if (wasUp) this.#events.onDown(this.#fault);
    this.#fault = "";
    const { clock, random } = this.#options;
    this.#retry = clock.after(fullJitterMs(this.#attempt, BACKOFF, random), () => this.#connect());
    this.#attempt += 1;
  }
}
