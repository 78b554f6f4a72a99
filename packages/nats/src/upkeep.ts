import type { Clock, TimerHandle } from "@parlor/base";
import { DAY_MS, isSideRoom, type ResolvedLogOptions } from "@parlor/log";
import type { AgedRooms } from "./aged-rooms.ts";
import type { OpenRoom } from "./open-room.ts";
import type { OpenRooms } from "./open-rooms.ts";
import { StreamSweep, type SweptRoom, type SweptStream } from "./stream-sweep.ts";

/** How long a room that nobody uses is kept up with. */
const IDLE_MS = 60_000;
/** How often it is looked for what was never heard of. */
const LOOK_EVERY_MS = 10_000;
const AT_ONCE = 16;
/** Sweeps of open rooms until those that nobody has open are looked through for what is too old: an hour. */
const SWEEPS_A_WALK = 360;

/** What the log does by itself: forgets what is old, lets go of rooms, and looks for records it did not hear of. */
export class Upkeep {
  readonly #rooms: OpenRooms;
  readonly #options: ResolvedLogOptions;
  readonly #clock: Clock;
  readonly #sweeps: ReadonlyMap<string, StreamSweep>;
  readonly #aged: AgedRooms;
  readonly #isOwn: (room: string) => boolean;
  #looking: Promise<void> = Promise.resolve();
  #isWalking = false;
  #sweepsLeft = SWEEPS_A_WALK;
  #sweepTimer: TimerHandle;
  #lookTimer: TimerHandle;
  #isClosed = false;

  /**
   * @param streams  Those of the rooms' records.
   * @param isOwn  Whether this node looks after a room that nobody has open: of several one does.
   */
  constructor(
    rooms: OpenRooms,
    streams: ReadonlyMap<string, SweptStream>,
    aged: AgedRooms,
    isOwn: (room: string) => boolean,
    options: ResolvedLogOptions,
  ) {
    this.#rooms = rooms;
    this.#aged = aged;
    this.#isOwn = isOwn;
    this.#options = options;
    this.#clock = options.clock;
    const sweepOf = ([name, stream]: readonly [string, SweptStream]): readonly [string, StreamSweep] => [
      name,
      new StreamSweep(stream, () => this.#roomsOf(name)),
    ];
    this.#sweeps = new Map([...streams].map(sweepOf));
    // While nothing is open: so the first look has something to compare with.
    void this.look();
    this.#sweepTimer = this.#again(options.sweepEveryMs, () => this.#sweep());
    this.#lookTimer = this.#again(LOOK_EVERY_MS, () => this.look());
  }

  /** The record at `seq` of a stream was seen. */
  heard(stream: string, seq: number): void {
    this.#sweeps.get(stream)?.hear(seq);
  }

  /** Looks for records that were not heard of, and reads them. What fails is looked for the next time. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(async () => {
      this.#rooms.letGoIdle(IDLE_MS);
      if (this.#isClosed) return;
      await Promise.allSettled([...this.#sweeps.values()].map((sweep) => sweep.look()));
    });
    return this.#looking;
  }

  close(): void {
    this.#isClosed = true;
    this.#clock.cancel(this.#sweepTimer);
    this.#clock.cancel(this.#lookTimer);
  }

  #roomsOf(stream: string): SweptRoom[] {
    const rooms = this.#rooms.all().filter((room) => room.stream === stream);
    return rooms.map((room) => ({
      name: room.name,
      lastSeq: room.fold.lastSeq,
      check: async () => {
        await room.ready();
        await room.feed.check();
      },
    }));
  }

  #again(everyMs: number, work: () => Promise<void>): TimerHandle {
    const run = (): void => {
      void work().finally(() => {
        if (!this.#isClosed) Object.assign(handle, this.#clock.after(everyMs, run));
      });
    };
    const handle = this.#clock.after(everyMs, run);
    return handle;
  }

  async #sweep(): Promise<void> {
    this.#sweepsLeft -= 1;
    if (this.#sweepsLeft <= 0 && !this.#isWalking && this.#options.retention.days < Infinity) {
      this.#sweepsLeft = SWEEPS_A_WALK;
      this.#isWalking = true;
      // Where it breaks off, the next one finds the same.
      void this.#walk()
        .catch(() => undefined)
        .finally(() => (this.#isWalking = false));
    }
    await this.#each(this.#rooms.all(), (room) => this.#sweepOne(room));
  }

  /** Opens rooms for what is too old in them; they are let go of like any that nobody uses. */
  async #walk(): Promise<void> {
    const oldestAt = this.#clock.now() - this.#options.retention.days * DAY_MS;
    const isWanted = (room: string): boolean => !this.#rooms.has(room) && this.#isOwn(room);
    for await (const name of this.#aged.olderThan(oldestAt, isWanted)) {
      if (this.#isClosed) return;
      const room = this.#rooms.enter(name);
      try {
        await room.ready();
        await this.#sweepOne(room);
      } finally {
        this.#rooms.leave(room);
      }
    }
  }

  async #each(rooms: readonly OpenRoom[], work: (room: OpenRoom) => Promise<void>): Promise<void> {
    for (let i = 0; i < rooms.length && !this.#isClosed; i += AT_ONCE) {
      const some = rooms.slice(i, i + AT_ONCE).filter((room) => room.isReady);
      await Promise.allSettled(some.map((room) => work(room)));
    }
  }

  async #sweepOne(room: OpenRoom): Promise<void> {
    const now = this.#clock.now();
    const forget = now - this.#options.producerRetentionMs;
    if ((room.fold.oldestUse ?? Infinity) < forget) {
      await room.proposer.change((fold) => {
        const isDue = (fold.oldestUse ?? Infinity) < forget;
        return { draft: isDue ? { at: now, messages: [], forget } : null, result: undefined };
      });
    }
    if (!isSideRoom(room.name)) {
      const { messages, bytes, days } = this.#options.retention;
      const oldestAt = now - days * DAY_MS;
      const earliest = room.fold.index.overBy(messages, bytes, oldestAt);
      if (earliest > room.fold.index.earliest) await room.trim(earliest);
    }
    if (room.hasLeftovers) await room.eraseBodies();
  }
}
