import type { Clock } from "@parlor/base";
import type { RoomLog, Tail, TailEvent } from "../room-log.ts";
import { MissedRooms } from "./missed-rooms.ts";

interface Hosted {
  readonly room: string;
  /** Null until the log follows. */
  tail: Tail | null;
}

/**
 * The rooms that one worker follows, by the numbers that it gave them. While the worker takes too little
 * its events are left out, and once it takes more it is told `missed` of those rooms.
 */
export class HostedTails {
  readonly #log: RoomLog;
  readonly #canTell: () => boolean;
  readonly #tell: (number: number, event: TailEvent) => void;
  readonly #hosted = new Map<number, Hosted>();
  readonly #missed: MissedRooms;

  constructor(
    log: RoomLog,
    clock: Clock,
    canTell: () => boolean,
    tell: (number: number, event: TailEvent) => void,
  ) {
    this.#log = log;
    this.#canTell = canTell;
    this.#tell = tell;
    this.#missed = new MissedRooms(clock, canTell, (number) => this.#tellMissed(number));
  }

  /** Rejects as the log's `tail` does. */
  async follow(number: number, room: string, again: boolean): Promise<void> {
    const hosted: Hosted = { room, tail: null };
    this.#hosted.set(number, hosted);
    try {
      const tail = await this.#log.tail(room, (event) => this.#onEvent(number, event));
      hosted.tail = tail;
      if (this.#hosted.get(number) !== hosted) tail.close();
      else if (again) this.#missed.add(number);
    } catch (error) {
      this.#hosted.delete(number);
      throw error;
    }
  }

  unfollow(number: number): void {
    this.#hosted.get(number)?.tail?.close();
    this.#hosted.delete(number);
    this.#missed.delete(number);
  }

  /** The worker takes more again. */
  goOn(): void {
    this.#missed.goOn();
  }

  close(): void {
    for (const { tail } of this.#hosted.values()) tail?.close();
    this.#hosted.clear();
    this.#missed.clear();
  }

  #onEvent(number: number, event: TailEvent): void {
    if (!this.#hosted.has(number)) return;
    if (this.#canTell()) this.#tell(number, event);
    else this.#missed.add(number);
  }

  async #tellMissed(number: number): Promise<void> {
    const room = this.#hosted.get(number)?.room;
    if (room === undefined) return;
    const { epoch, head, earliest } = await this.#log.head(room);
    if (this.#hosted.has(number)) this.#tell(number, { kind: "missed", epoch, head, earliest });
  }
}
