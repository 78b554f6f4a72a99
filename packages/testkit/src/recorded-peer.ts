import { randomId, systemClock } from "@parlor/base";
import {
  decodeServerFrame,
  isPermanentRefusal,
  SUBPROTOCOL,
  type ClientFrame,
  type RefusedFrame,
  type ServerFrame,
} from "@parlor/protocol";
import type { HistoryRecorder, PartyRecorder } from "./history-recorder.ts";

export interface RecordedPeerOptions {
  /** `ws://127.0.0.1:8080/connect`; asked before every connection, so that a server may move. */
  readonly url: () => string;
  readonly room: string;
  /** Unique in the run. */
  readonly name: string;
  readonly recorder: HistoryRecorder;
  /** Whether it follows the room, and records what it is told. */
  readonly subscribes: boolean;
  /** Publishes that may wait for their answer. @default 32 */
  readonly window?: number | undefined;
}

/** Wait before the next connection, ms: short, since the faults of a test are, too. */
const RETURN_MS = 25;

/**
 * A peer of the full protocol that keeps to its rules by itself, independent of `@parlor/client`, and
 * records what it sees: publishes one after the other, sends again what is not acked after every
 * reconnect, resumes from its cursor, and never gives up until it is closed.
 */
export class RecordedPeer {
  readonly #options: RecordedPeerOptions;
  readonly #party: PartyRecorder;
  readonly #key = randomId(43);
  readonly #producer = randomId(16);
  readonly #unacked = new Map<number, ClientFrame & { type: "publish" }>();
  #socket: WebSocket | null = null;
  #isWelcomed = false;
  #seq = 0;
  #isPublishing = false;
  #isClosed = false;
  #watchers: (() => void)[] = [];
  /** Times it was connected and welcomed. */
  welcomes = 0;
  acked = 0;
  /** Of those, publishes that were stored already when they came: sent again, since the answer was lost. */
  duplicates = 0;

  constructor(options: RecordedPeerOptions) {
    this.#options = options;
    this.#party = options.recorder.party(options.name);
    this.#connect();
  }

  get producer(): string {
    return this.#producer;
  }

  /** Offset of the newest message that it was told; −1 before its first `subscribed`. */
  get offset(): number {
    return this.#party.cursor(this.#options.room)?.offset ?? -1;
  }

  get unackedCount(): number {
    return this.#unacked.size;
  }

  /** Publishes as fast as its window lets it, until `stopPublishing`. */
  startPublishing(): void {
    this.#isPublishing = true;
    this.#pump();
  }

  stopPublishing(): void {
    this.#isPublishing = false;
  }

  /** Fulfils when `isTrue`, looked at whenever something came. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.close();
    for (const seq of this.#unacked.keys()) this.#party.gaveUp(this.#options.room, seq);
  }

  #connect(): void {
    if (this.#isClosed) return;
    const socket = new WebSocket(this.#options.url(), SUBPROTOCOL);
    this.#socket = socket;
    this.#isWelcomed = false;
    socket.onopen = () => {
      this.#send({ type: "hello", version: 1, key: this.#key, producer: this.#producer });
      if (this.#options.subscribes) this.#subscribe();
    };
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#receive(String(event.data));
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#isWelcomed = false;
      this.#tellWatchers();
      systemClock.after(RETURN_MS, () => this.#connect());
    };
  }

  #subscribe(): void {
    const { room } = this.#options;
    const cursor = this.#party.cursor(room);
    this.#send(
      cursor === null
        ? { type: "subscribe", room, after: 0 }
        : { type: "subscribe", room, epoch: cursor.epoch, after: cursor.offset },
    );
  }

  #receive(text: string): void {
    const decoded = decodeServerFrame(text);
    if (!decoded.ok) throw new Error(`a frame that is none: ${text.slice(0, 200)}`);
    const { frame } = decoded;
    this.#party.received(frame);
    this.#react(frame);
    this.#tellWatchers();
  }

  #react(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        this.#isWelcomed = true;
        this.welcomes += 1;
        for (const publish of this.#unacked.values()) this.#send(publish);
        this.#pump();
        return;
      case "ack":
        this.#unacked.delete(frame.seq);
        this.acked += 1;
        if (frame.duplicate === true) this.duplicates += 1;
        this.#pump();
        return;
      case "refused":
        this.#refused(frame);
        return;
      case "error":
        // The log could not say where the room stands just now: asked again, as a refused publish is sent again.
        if (frame.to === "subscribe" && frame.code === "unavailable") {
          systemClock.after(RETURN_MS, () => this.#subscribe());
        }
        return;
      case "ping":
        this.#send({ type: "pong" });
        return;
      default:
        return;
    }
  }

  /** A temporary refusal is sent again with all behind it; coming back does that. */
  #refused(frame: RefusedFrame): void {
    if (isPermanentRefusal(frame.code)) {
      this.#unacked.delete(frame.seq);
      return;
    }
    if (frame.code === "unknown-producer") throw new Error("the server forgot a producer within one run");
    this.#socket?.close();
  }

  #pump(): void {
    const window = this.#options.window ?? 32;
    while (this.#isPublishing && this.#isWelcomed && this.#unacked.size < window) {
      this.#seq += 1;
      const body = `${this.#producer}#${this.#seq}.`;
      const publish = { type: "publish", room: this.#options.room, seq: this.#seq, body } as const;
      this.#unacked.set(this.#seq, publish);
      this.#send(publish);
    }
  }

  #send(frame: ClientFrame): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#party.sent(frame);
    this.#socket.send(JSON.stringify(frame));
  }

  #tellWatchers(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }
}
